"""What is known about a task that fails, as plain data: where it goes wrong, and which mistakes are behind it."""

from __future__ import annotations

from dataclasses import dataclass

from grader.course.mistakes import Mistake
from grader.source.package import PACKAGE
from grader.source.transplant import PAIR
from grader.task_id import TaskId


@dataclass(frozen=True)
class Unit:
    """A function of the package: of the reference, whether the tree has it or not, or a helper of the student's own.

    line: where it begins in the tree's file, if it is there. task: whose exercise it is; None for all others. body: the
    line of its first statement, for the debugger.
    """

    file: str
    name: str
    line: int | None
    task: TaskId | None
    body: int | None = None

    @property
    def function(self) -> str:
        """As the catalogue and the tables of cases name it: `operations/piecewise.py:ReLU.backward`."""
        return f"{self.file.removeprefix(f'{PACKAGE}/')}:{self.name}"


@dataclass(frozen=True)
class Named:
    """A catalogued mistake, and the share of what goes wrong in its function that it reproduces (0 to 1)."""

    mistake: Mistake
    confidence: float


@dataclass(frozen=True)
class SmallestCase:
    """A case in which a function at fault differs from the reference's: the lines to type at the prompt, of which the
    last one shows it, and what comes of them. of_kind: whether both are the same number, as values of two types."""

    code: tuple[str, ...]
    yours: str
    right: str
    of_kind: bool = False


@dataclass(frozen=True)
class Change:
    """What became of a function that was given: the lines that differ, `-` before the starter's and `+` before the
    tree's, and the line where it begins in the starter."""

    lines: tuple[str, ...]
    line: int


@dataclass(frozen=True)
class Fault:
    """A function at fault, and the failing checks of a task that pass with the reference's version of it.

    alone: those of them that pass with this function alone, whatever earlier tasks have shown. twin: or what its
    partner, forward or backward, keeps for it. named: the mistakes that it shows, the surest first; None where the
    time was too short to try them. smallest: a case that shows it, if there is a table of cases for it. since: what the
    last change of the function has done to a mistake that is named again. helpers: functions of the student's own that
    it calls, and in which the fault may lie. change: what is different in it, if it was given.
    """

    unit: Unit
    checks: frozenset[str]
    alone: frozenset[str] = frozenset()
    twin: bool = False
    named: tuple[Named, ...] | None = None
    smallest: SmallestCase | None = None
    since: str = ""
    helpers: tuple[Unit, ...] = ()
    change: Change | None = None

    @property
    def functions(self) -> tuple[str, ...]:
        """The functions in which the fault may lie, as the catalogue names them: of a twin its partner as well."""
        return (self.unit.function, *((partner(self.unit.function),) if self.twin else ()))


def partner(function: str) -> str:
    """The name of the backward that belongs to a forward, or of the forward that belongs to a backward."""
    owner, _, method = function.rpartition(".")
    return f"{owner}.{PAIR[method == PAIR[0]]}"


@dataclass(frozen=True)
class Explanation:
    """Where the failing checks of a task go wrong.

    failing: those that were tried. follows: faults that were found for earlier tasks, with the checks of this one
    that they mend. faults: those found for this one. left: the checks that no function explains. more: whether the
    time was up before all was tried. slow: whether a check ran out of its own time on a variant, as it does in an
    endless loop, or on a busy machine, or the search for several mistakes in one function did.
    """

    failing: frozenset[str]
    follows: tuple[Fault, ...] = ()
    faults: tuple[Fault, ...] = ()
    left: frozenset[str] = frozenset()
    more: bool = False
    slow: bool = False

    @property
    def whole(self) -> bool:
        """Whether there was time for all of it."""
        return not self.more and all(fault.named is not None for fault in self.faults)

    @property
    def consequence(self) -> bool:
        """Whether earlier faults explain all of it."""
        return bool(self.follows) and not self.faults and not self.left and not self.more
