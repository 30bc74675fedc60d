"""Hostile uploads: folders and archives that want to be read beyond what they hold, and names that want to command."""

from __future__ import annotations

import io
import os
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .hostile import PACKAGE, Files

EVIL_NAME = "=cmd|calc!A0<script>alert(1)<\u202e\x1b[31m"


@dataclass(frozen=True)
class Upload:
    """Something that was handed in: what it tries, what becomes of it, and how it is made in a folder, from honest
    files."""

    tries: str
    gets: str
    make: Callable[[Path, Files], None]


def _write(folder: Path, files: Files) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _linked(target: str) -> Callable[[Path, Files], None]:
    def make(folder: Path, files: Files) -> None:
        _write(folder / "student", files)
        path = folder / "student" / PACKAGE / "operations" / "arithmetic.py"
        path.unlink()
        path.symlink_to(target)

    return make


def _folder_linked(folder: Path, files: Files) -> None:
    (folder / "student").mkdir()
    (folder / "student" / PACKAGE).symlink_to(_solutions() / PACKAGE)


def _solutions() -> Path:
    return Path(__file__).resolve().parents[2] / "solutions"


def _pipe(folder: Path, files: Files) -> None:
    _write(folder / "student", files)
    os.mkfifo(folder / "student" / PACKAGE / "pipe.py")


def _hard_link(folder: Path, files: Files) -> None:
    _write(folder / "student", files)
    path = folder / "student" / PACKAGE / "operations" / "arithmetic.py"
    path.unlink()
    (folder / "other").mkdir()
    secret = folder / "other" / "right.txt"
    secret.write_bytes((_solutions() / PACKAGE / "operations" / "arithmetic.py").read_bytes())
    os.link(secret, path)


def _zipped(names: Callable[[str], str]) -> Callable[[Path, Files], None]:
    def make(folder: Path, files: Files) -> None:
        with zipfile.ZipFile(folder / "student.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(names(name), content)

    return make


def _bomb(folder: Path, files: Files) -> None:
    with zipfile.ZipFile(folder / "student.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(40):
            archive.writestr(f"{PACKAGE}/bomb{number}.py", bytes(30_000_000))


def _tar(kind: bytes, target: str) -> Callable[[Path, Files], None]:
    def make(folder: Path, files: Files) -> None:
        with tarfile.open(folder / "student.tar.gz", "w:gz") as archive:
            for name, content in files.items():
                info = tarfile.TarInfo(name)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
            info = tarfile.TarInfo(f"{PACKAGE}/operations/special.py")
            info.type, info.linkname = kind, target
            archive.addfile(info)

    return make


def _many(folder: Path, files: Files) -> None:
    _write(folder / "student", {**files, **{f"{PACKAGE}/extra/m{number}.py": b"" for number in range(2_000)}})


def _large(folder: Path, files: Files) -> None:
    _write(folder / "student", {**files, f"{PACKAGE}/large.py": b"x = '" + b"a" * 3_000_000 + b"'\n"})


def _evil_name(folder: Path, files: Files) -> None:
    _write(folder / EVIL_NAME.replace("/", ""), files)


def _evil_file(folder: Path, files: Files) -> None:
    _write(folder / "student", {**files, f"{PACKAGE}/<img src=x>\n+1\u202e.py": b"import gc\n"})


def _compiled(folder: Path, files: Files) -> None:
    name = f"{PACKAGE}/operations/__pycache__/arithmetic.cpython-311.pyc"
    _write(folder / "student", {**files, name: b"\0" * 100, f"{PACKAGE}/conftest.py": b"raise SystemExit(0)\n"})


UPLOADS = {
    "a link to the reference": Upload(
        "Hands in a link to the reference's file.",
        "links are not followed",
        _linked(str(_solutions() / PACKAGE / "operations" / "arithmetic.py")),
    ),
    "a link to a file of the system": Upload(
        "Hands in a link to /etc/passwd.", "links are not followed", _linked("/etc/passwd")
    ),
    "a link to an endless file": Upload(
        "Hands in a link to /dev/zero.", "links are not followed", _linked("/dev/zero")
    ),
    "the package is a link": Upload("Hands in a link in the place of the package.", "nothing to grade", _folder_linked),
    "a pipe": Upload("Hands in a named pipe, at which a reader waits for ever.", "only regular files are read", _pipe),
    "a hard link": Upload(
        "Hands in a second name of a file of someone else's.", "files with several names are not read", _hard_link
    ),
    "an archive that climbs": Upload(
        "Hands in an archive whose names lead out of it.",
        "such names are not taken",
        _zipped(lambda name: f"../../{name}"),
    ),
    "an archive from the root": Upload(
        "Hands in an archive whose names begin at the root.",
        "such names are not taken",
        _zipped(lambda name: f"/tmp/{name}"),
    ),
    "an archive that unpacks to gigabytes": Upload(
        "Hands in a small archive of 1.2 GB.", "it is read within limits", _bomb
    ),
    "an archive with a link": Upload(
        "Hands in an archive with a link to the gradebook.",
        "links in archives are not taken",
        _tar(tarfile.SYMTYPE, "/etc/passwd"),
    ),
    "an archive with a device": Upload(
        "Hands in an archive with a device.", "devices are not taken", _tar(tarfile.CHRTYPE, "")
    ),
    "two thousand files": Upload("Hands in two thousand files.", "it is read within limits", _many),
    "a source of 3 MB": Upload("Hands in a source of 3 MB.", "files beyond 1 MB are not read", _large),
    "an evil name": Upload(
        "Has a name that commands terminals, pages and spreadsheets.", "harmless text in each of them", _evil_name
    ),
    "a file with an evil name": Upload(
        "Has a file whose name commands them.", "harmless text in each of them", _evil_file
    ),
    "compiled files and a conftest": Upload(
        "Hands in compiled modules, and a conftest.py for pytest.", "only sources of the package are taken", _compiled
    ),
}
