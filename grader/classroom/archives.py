"""Zip and tar archives as places: read entry by entry, within limits, and never unpacked to named files."""

from __future__ import annotations

import contextlib
import io
import re
import stat
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import BinaryIO

from .places import FILE, FOLDER, Item, Place, item, join
from .submission import UnusableError, shown

SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz")
OTHER_ARCHIVES = (".tar.xz", ".tar.bz2", ".tar.zst", ".txz", ".tbz2", ".rar", ".7z", ".xz", ".bz2", ".zst", ".gz")


@dataclass(frozen=True)
class Limits:
    """What reading an archive may take."""

    size: int  # bytes of the archive
    unpacked: int  # bytes in a tar.gz
    entries: int
    directory: int  # bytes of a zip's list of entries
    ratio: int = 200  # of a tar.gz; code and data pack to a tenth


# A student's may hold data sets, a repository's history and an environment: only the package counts for its limits.
OF_A_STUDENT = Limits(size=100_000_000, unpacked=300_000_000, entries=100_000, directory=8_000_000)
OF_A_CLASS = Limits(size=1 << 36, unpacked=1 << 36, entries=5_000_000, directory=1_000_000_000)

DEEPEST = 40  # folders in each other
AT_ONCE = 1 << 20  # bytes
SUSPICIOUS = 10_000_000  # bytes from which on a ratio counts
LONGEST_HEADER = 65_536  # of a tar: a long name, or the attributes of a file
GZIP = b"\x1f\x8b"  # how its files begin
MOST_PARTS = 1_000  # gzip files in a row, which are one; bgzip makes one of each 64 KB


class Archive:
    """The files of an archive, as a place. `notes` says what of it was left out."""

    def __init__(self, limits: Limits):
        self.limits = limits
        self.notes: list[str] = []
        self._folders: dict[str, dict[str, Item]] = {"": {}}
        self._entries: dict[str, object] = {}
        self._count = 0

    def items(self, path: str) -> list[Item]:
        """What lies in one of its folders, sorted by name."""
        return [self._folders[path][name] for name in sorted(self._folders[path])]

    def open(self, path: str) -> AbstractContextManager[BinaryIO]:
        """A file, to be read once from its beginning."""
        return self._open(self._entries[path])

    def _open(self, entry: object) -> AbstractContextManager[BinaryIO]:
        raise NotImplementedError

    def _counted(self) -> None:
        """Count an entry, a header without one, or a folder that only a path names: each takes memory or time."""
        self._count += 1
        if self._count > self.limits.entries:
            raise UnusableError(f"it has more than {self.limits.entries:,} entries")

    def _add(self, name: str, kind: str, entry: object) -> None:
        """Take an entry in where its path stays inside. Of two with one path, the later counts, as when unpacking."""
        self._counted()
        parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]
        if name[:1] in ("/", "\\") or ".." in parts or re.match("[A-Za-z]:", name):
            self.notes.append(f"left out: {shown(name)} (its path leads outside)")
        elif len(parts) > DEEPEST:
            self.notes.append(f"left out: {shown(name)} (more than {DEEPEST} folders in each other)")
        elif parts:
            folder = ""
            for part in parts if kind == FOLDER else parts[:-1]:
                self._folders[folder][part] = item(part, FOLDER)
                folder = join(folder, part)
                if folder not in self._folders:
                    self._folders[folder] = {}
                    self._counted()
            path = "/".join(parts)
            if kind != FOLDER and path not in self._folders:
                self._folders[folder][parts[-1]] = item(parts[-1], kind)
                if self._entries.get(path, entry) != entry:
                    self.notes.append(f"{shown(path)} is in the archive twice: the later one counts")
                self._entries[path] = entry


class ZipArchive(Archive):
    """A zip archive."""

    def __init__(self, file: BinaryIO, limits: Limits):
        super().__init__(limits)
        self._zip = zipfile.ZipFile(_Sipped(file, limits.directory))
        for info in self._zip.infolist():
            mode = stat.S_IFMT(info.external_attr >> 16)
            kind = FOLDER if info.filename.endswith("/") else _of_mode(mode)
            self._add(_name_in_zip(info), kind, info)

    def _open(self, entry: zipfile.ZipInfo) -> AbstractContextManager[BinaryIO]:
        if entry.flag_bits & 1:
            raise UnusableError("it is encrypted; hand it in without a password")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise UnusableError("it is packed by a method that is not zip's usual one")  # those may ask for any memory
        return self._zip.open(entry)


class TarArchive(Archive):
    """A tar archive that is not compressed."""

    def __init__(self, file: BinaryIO, limits: Limits):
        super().__init__(limits)
        self._file = file
        for name, kind, start, size in _tar_entries(file, self._counted, self.notes.append):
            self._add(name, kind, (start, size))

    @contextlib.contextmanager
    def _open(self, entry: tuple[int, int]) -> Iterator[BinaryIO]:
        self._file.seek(entry[0])
        yield _Part(self._file, entry[1])


class _Sipped:
    """A file that gives no more than `most` bytes at once: zipfile reads the list of entries whole, however long."""

    def __init__(self, file: BinaryIO, most: int):
        self._file, self._most = file, most
        self.seek, self.tell, self.seekable, self.close = file.seek, file.tell, file.seekable, file.close

    def read(self, size: int = -1) -> bytes:
        if size > self._most:
            raise UnusableError("its list of entries is too long")
        return self._file.read(self._most if size < 0 else size)


class _Part(io.RawIOBase):
    """The next `size` bytes of a file, as a file."""

    def __init__(self, file: BinaryIO, size: int):
        self._file, self._left = file, size

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(data)
        return data


def _of_mode(mode: int) -> str:
    """What a zip's entry is by the file type in its mode, which archives made on Windows leave at 0."""
    if mode in (0, stat.S_IFREG):
        return FILE
    return {stat.S_IFDIR: FOLDER, stat.S_IFLNK: "a link"}.get(mode, "a pipe, socket or device")


def _name_in_zip(info: zipfile.ZipInfo) -> str:
    """An entry's name. Many programs write UTF-8 without saying so; zipfile takes that for the code page 437."""
    if not info.flag_bits & 0x800:
        with contextlib.suppress(UnicodeError):
            return info.filename.encode("cp437").decode("utf-8")
    return info.filename


TAR_KINDS = {
    **dict.fromkeys(tarfile.REGULAR_TYPES, FILE),
    tarfile.GNUTYPE_SPARSE: "a file with holes",
    tarfile.DIRTYPE: FOLDER,
    tarfile.SYMTYPE: "a link",
    tarfile.LNKTYPE: "a hard link (a file with two names)",
}


def _tar_entries(
    file: BinaryIO, counted: Callable[[], None], note: Callable[[str], None]
) -> Iterator[tuple[str, str, int, int]]:
    """Name, kind, start and size of each entry of a tar; `counted` is called for each header without an entry.

    tarfile decodes the headers; it does not walk them, as it reads those for long names whatever their size, and, in
    many versions in use, with patterns that take quadratic time (CVE-2024-6232).
    """
    position, long_name, first = 0, None, True
    whole = False  # whether the last header was an entry's
    length = file.seek(0, io.SEEK_END)
    while True:
        file.seek(position)
        header = file.read(tarfile.BLOCKSIZE)
        if header == tarfile.NUL * tarfile.BLOCKSIZE:
            return
        if whole and not header.strip(tarfile.NUL) and position <= length:  # GNU tar reads it, too
            note("the archive lacks the mark of its end: if it was cut off, files are missing")
            return
        try:
            info = tarfile.TarInfo.frombuf(header, "utf-8", "surrogateescape")
        except tarfile.TarError:
            raise UnusableError("it is not a tar archive" if first else "it is broken: it ends in the middle") from None
        if info.size < 0:
            raise UnusableError("it is broken: an entry has a negative size")
        start, first, whole = position + tarfile.BLOCKSIZE, False, False
        position = start + -(-info.size // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE
        if info.type in (tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE):
            if info.size > LONGEST_HEADER:
                raise UnusableError("a name in it is too long")
            data = file.read(info.size)
            counted()
            long_name = _gnu_name(data) if info.type == tarfile.GNUTYPE_LONGNAME else _pax_path(data) or long_name
        elif info.type in (tarfile.GNUTYPE_LONGLINK, tarfile.XGLTYPE):
            counted()
        else:
            yield long_name or info.name, TAR_KINDS.get(info.type, "a pipe, socket or device"), start, info.size
            long_name, whole = None, True


def _gnu_name(data: bytes) -> str:
    return data.split(b"\0")[0].decode("utf-8", "surrogateescape")


def _pax_path(data: bytes) -> str | None:
    """The path in a pax header, which consists of records `LENGTH KEY=VALUE` and a line end."""
    position, path = 0, None
    while position < len(data):
        digits = data[position : position + 8].split(b" ")[0]
        length = int(digits) if digits.isdigit() else 0
        if length <= len(digits) + 1:
            break
        key, _, value = data[position + len(digits) + 1 : position + length - 1].partition(b"=")
        path = value.decode("utf-8", "surrogateescape") if key == b"path" else path
        position += length
    return path


HEAD = 512
FOREIGN = {b"Rar!": "RAR", b"7z\xbc\xaf": "7z", b"\xfd7zX": "xz", b"BZh": "bzip2", b"\x28\xb5\x2f\xfd": "Zstandard",
           b"%PDF": "PDF", b"<!DO": "HTML", b"<htm": "HTML"}  # fmt: skip


def opened(file: BinaryIO, limits: Limits) -> Archive:
    """The archive in a file, which it keeps. UnusableError, with the reason, for all that is none."""
    head = file.read(HEAD)
    file.seek(0)
    try:
        if head[:4] in (b"PK\3\4", b"PK\5\6"):
            return ZipArchive(file, limits)
        if head.startswith(GZIP):
            return TarArchive(_gunzipped(file, limits), limits)
        if not head:
            raise UnusableError("it is an empty file")
        for start, kind in FOREIGN.items():
            if head.startswith(start):
                raise UnusableError(f"it is a {kind} file; hand in a folder, or a zip, tar or tar.gz archive")
        if len(head) < HEAD:
            raise UnusableError("it is not a zip, tar or tar.gz archive")
        return TarArchive(file, limits)
    except zlib.error:
        raise UnusableError("it is broken: its compressed data can't be read") from None
    except (zipfile.BadZipFile, UnicodeDecodeError, NotImplementedError, ValueError, OverflowError) as error:
        raise UnusableError(f"it is broken: {shown(str(error))}") from None


def spooled(place: Place, path: str, limits: Limits) -> BinaryIO:
    """A copy of a file of a place, in a temporary file without a name, so that it can be read at random."""
    copy, left = tempfile.TemporaryFile(), limits.size  # noqa: SIM115 (the archive keeps it)
    with place.open(path) as file:
        while piece := file.read(AT_ONCE):
            left -= len(piece)
            if left < 0:
                raise UnusableError(f"it has more than {limits.size:,} bytes")
            copy.write(piece)
    copy.seek(0)
    return copy


def _gunzipped(file: BinaryIO, limits: Limits) -> BinaryIO:
    """The content of a gzip file, or of several in a row, in a temporary file without a name. What else follows is
    ignored, as by gzip."""
    copy, inflate = tempfile.TemporaryFile(), zlib.decompressobj(wbits=31)  # noqa: SIM115 (the archive keeps it)
    written, parts, rest = 0, 1, b""
    while not inflate.eof:
        packed = inflate.unconsumed_tail or rest or file.read(AT_ONCE)
        piece, rest = inflate.decompress(packed, AT_ONCE), b""
        if not (packed or piece or inflate.eof):
            raise UnusableError("it is broken: its compressed data end in the middle")
        written += copy.write(piece)
        if written > limits.unpacked:
            raise UnusableError(f"it unpacks to more than {limits.unpacked:,} bytes")
        if written > SUSPICIOUS and written > limits.ratio * file.tell():
            raise UnusableError(f"it unpacks to more than {limits.ratio} times its size")
        if inflate.eof:
            rest = inflate.unused_data
            rest += file.read(AT_ONCE) if len(rest) < len(GZIP) else b""
            if rest.startswith(GZIP):
                inflate, parts = zlib.decompressobj(wbits=31), parts + 1
        if parts > MOST_PARTS:
            raise UnusableError(f"it consists of more than {MOST_PARTS:,} gzip files")
    copy.seek(0)
    return copy
