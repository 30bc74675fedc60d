"""What of the course travels sealed: in a repository that was handed out, what students had better not meet by chance.

It is one compressed file: out of casual sight, and no secret. Without it, this is the course's own repository.
"""

from __future__ import annotations

import functools
import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from .errors import CourseError
from .files import REPOSITORY, read_toml

FILE = REPOSITORY / "grader" / "sealed.bin"


@dataclass(frozen=True)
class Sealed:
    """What was handed out in the one file.

    numpy: the version that made the answer key. starter, reference: texts of the package's files, by their names; no
    reference where it was not to travel. tables: what TOML and JSON files hold, by their paths in the repository. key:
    of each task, the digest of its checks' files, and its part of the answer key as answer_key.py keeps it.
    """

    numpy: str
    starter: Mapping[str, str]
    reference: Mapping[str, str]
    tables: Mapping[str, dict]
    key: Mapping[str, tuple[str, dict]]


def write_sealed(path: Path, content: Sealed) -> None:
    """Write the file, under a digest of its content."""
    packed = zlib.compress(json.dumps(asdict(content), sort_keys=True).encode(), 9)
    path.write_bytes(hashlib.sha256(packed).digest() + packed)


@functools.cache
def sealed() -> Sealed | None:
    """What was handed out; None in the course's own repository. CourseError where the file was damaged."""
    try:
        digest, packed = (content := FILE.read_bytes())[:32], content[32:]
    except FileNotFoundError:
        return None
    if hashlib.sha256(packed).digest() != digest:
        name = FILE.relative_to(REPOSITORY).as_posix()
        raise CourseError(f"{name} was changed, and nothing can be graded without it: git checkout -- {name}")
    return Sealed(**json.loads(zlib.decompress(packed)))


def table(path: Path) -> dict:
    """What a TOML or JSON file of the course holds, in its place or sealed; an empty table where it is in neither."""
    if path.exists():
        return json.loads(path.read_text(encoding="utf-8")) if path.suffix == ".json" else read_toml(path)
    content = sealed()
    return content.tables.get(path.relative_to(REPOSITORY).as_posix(), {}) if content is not None else {}
