"""Makes what students hand in, and exports of it as platforms lay them out."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

WORK = {"neural_framework/__init__.py": b"x = 1\n", "neural_framework/tensor/tensor.py": b"class Tensor: ...\n"}


def within(folder: str, files: Mapping[str, bytes] = WORK) -> dict[str, bytes]:
    """The same files in a folder."""
    return {f"{folder}/{name}": content for name, content in files.items()}


def zipped(files: Mapping[str, bytes] = WORK, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive of files; names that end in / are folders."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def tarred(files: Mapping[str, bytes] = WORK, mode: str = "w:gz", extra: tuple[tarfile.TarInfo, ...] = ()) -> bytes:
    """A tar archive of files, followed by entries without content."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        for info in extra:
            archive.addfile(info)
    return buffer.getvalue()


def write(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Files on disk; the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


GRADESCOPE = b"""---
submission_1001:
  :submitters:
  - :name: Ada Lovelace
    :sid: '0012'
    :email: ada@uni.example
  :created_at: 2026-01-31 22:59:59.123456000 Z
  :score: 90.0
  :status: processed
  :results:
    tests:
    - name: "1.1"
      output: "a line\\n  :submitters: [forged]"
  :history: []
submission_1002:
  :submitters:
  - :name: Grace Hopper
    :sid: '0013'
    :email: grace@uni.example
  - :name: "Zo\xc3\xab Ok\xc5\x82a"
    :sid: '0014'
    :email: zoe@uni.example
  :created_at: !ruby/object:ActiveSupport::TimeWithZone 2026-01-31 23:00:00
  :score:
"""

COMMENTS = b"Name: Ada Lovelace (ada)\nAssignment: Homework 1\n"

# Exports of the work of Ada, who is fine, and Grace, whose work lies elsewhere. Each: name of the export -> files.
EXPORTS: dict[str, tuple[str, dict[str, bytes]]] = {
    "folders": ("handed in", {**within("ada"), **within("grace/starter"), ".DS_Store": b"", "grades.csv": b"a"}),
    "archives": (
        "handed in",
        {"ada.zip": zipped(), "grace.tar.gz": tarred(within("homework/starter")), "README.md": b"a"},
    ),
    "github": (
        "hw-1-submissions",
        {
            **within("hw-1-ada/starter"),
            **within("hw-1-grace/starter"),
            "hw-1-ada/.git/HEAD": b"ref",
            "hw-1-ada/noxfile.py": b"",
        },
    ),
    "gradescope": (
        "assignment_77_export",
        {
            "submission_metadata.yml": GRADESCOPE,
            **within("submission_1001"),
            "submission_1002/work.zip": zipped(within("work")),
        },
    ),
    "moodle": (
        "Course-Homework 1-55",
        {
            "Ada Lovelace_101_assignsubmission_file_/work.zip": zipped(within("work")),
            "Ada Lovelace_101_assignsubmission_onlinetext_/onlinetext.html": b"<p>hello",
            **within("Grace Hopper_102_assignsubmission_file_/starter"),
        },
    ),
    "moodle, flat": (
        "Course-Homework 1-55",
        {
            "Ada Lovelace_101_assignsubmission_file_work.zip": zipped(),
            "Grace Hopper_102_assignsubmission_file_work.tar": tarred(mode="w:"),
        },
    ),
    "canvas": (
        "submissions",
        {
            "lovelaceada_2001_90001_work-1.zip": zipped(),
            "lovelaceada_2001_90002_notes.pdf": b"%PDF",
            "hoppergrace_LATE_2002_90003_my_work.zip": zipped(within("my work/starter")),
        },
    ),
    "blackboard": (
        "gradebook_C1_Homework1",
        {
            "Homework 1_ada_attempt_2026-01-30-10-00-00_work.zip": zipped({"neural_framework/old.py": b""}),
            "Homework 1_ada_attempt_2026-01-30-10-00-00.txt": COMMENTS,
            "Homework 1_ada_attempt_2026-01-31-10-00-00_work.zip": zipped(),
            "Homework 1_ada_attempt_2026-01-31-10-00-00.txt": COMMENTS,
            "Homework 1_grace_attempt_2026-01-31-11-00-00_work.tar.gz": tarred(),
            "Homework 1_grace_attempt_2026-01-31-11-00-00.txt": COMMENTS,
        },
    ),
}
IDS = {
    "gradescope": ["0012", "0013", "0014"],
    "moodle": ["101", "102"],
    "moodle, flat": ["101", "102"],
    "canvas": ["2001", "2002"],
}
