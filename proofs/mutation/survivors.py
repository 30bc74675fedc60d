"""The mutants that no check catches, as survivors*.toml list them, each group with its reason."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

from grader.files import SOLUTIONS, read_toml
from grader.source.package import PACKAGE, read_source, source_files

from .mutants import Mutant, mutants

SURVIVORS = sorted(Path(__file__).parent.glob("survivors*.toml"))  # those of an elective may have a file of their own


@dataclass(frozen=True)
class Entry:
    """A mutant that survives, and why it may: it computes the same or, if `unspecified`, what the contract leaves open.

    where: `optim/sgd.py:SGD.update`. change: the mutant's.
    """

    where: str
    change: str
    reason: str
    unspecified: bool

    @property
    def key(self) -> tuple[str, str, str]:
        """The mutant's own key."""
        file, _, function = self.where.partition(":")
        return f"{PACKAGE}/{file}", function, self.change


def listed() -> list[Entry]:
    """The entries of these files."""
    return [
        Entry(where, change, group["reason"].strip(), kind == "unspecified")
        for kind in ("equivalent", "unspecified")
        for table in map(read_toml, SURVIVORS)
        for group in table.get(kind, ())
        for where, change in group["changes"]
    ]


@functools.cache
def all_mutants() -> tuple[Mutant, ...]:
    """Every mutant of the reference."""
    files = source_files(SOLUTIONS).items()
    return tuple(mutant for name, path in files for mutant in mutants(read_source(path), name))
