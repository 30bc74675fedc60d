"""The reference and the starter: solutions/ and what is made from it, or what of the two was handed out."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from grader.errors import UsageError
from grader.files import SOLUTIONS, temporary_folder, write_text
from grader.sealed import sealed

from .package import sources
from .starter import generate
from .stubs import StarterError


@functools.cache
def reference() -> Mapping[str, str]:
    """The texts of the reference's files, by their names; UsageError where it was not handed out."""
    content = sealed()
    if content is None:
        return MappingProxyType(sources(SOLUTIONS))
    if not content.reference:
        raise UsageError("the reference is needed for this, and this course was handed out without it")
    return MappingProxyType(content.reference)


def has_reference() -> bool:
    """Whether it is there: a course may be handed out without it."""
    content = sealed()
    return content is None or bool(content.reference)


@contextlib.contextmanager
def reference_tree() -> Iterator[Path]:
    """The reference as a tree, for as long as the context is open."""
    if sealed() is None:
        yield SOLUTIONS
        return
    with temporary_folder() as folder:
        for name, text in reference().items():
            write_text(folder / name, text)
        yield folder


@functools.cache
def starter() -> Mapping[str, str]:
    """The texts of a fresh starter's files, by their names."""
    content = sealed()
    if content is not None:
        return MappingProxyType(content.starter)
    return MappingProxyType({name: generate(text, name) for name, text in reference().items()})


def write_starter(destination: Path) -> int:
    """Write a fresh starter; returns the number of files. A folder that holds anything is refused."""
    if destination.exists() and (not destination.is_dir() or any(destination.iterdir())):
        raise StarterError(f"{destination} is not empty, and work is never overwritten: name a new folder")
    for name, text in starter().items():
        write_text(destination / name, text)
    return len(starter())
