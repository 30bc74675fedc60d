"""What a supervisor and its worker say to each other, a JSON object a line, and what comes of it: an Observation.

The supervisor sends a Request, and then an Order for each check. The worker answers the request with `imported`; an
order with `begin`, a `fact` for each thing that the check observed, and `end`; where it was asked for, with `shown` for
what was learnt. A Leave ends a task, where each has a process of its own. A Setting asks for trials instead: a Trial,
also an order, is answered check by check, and then by `over`. schema.py reads what a worker sends.
"""

from __future__ import annotations

import dataclasses
import enum
import json
from dataclasses import dataclass, field

MESSAGE_BYTES = 2_000_000  # the largest message of a right tree has a tenth of it
ARRAY_NUMBERS = 20_000  # a larger array is described by shape and dtype: no check needs more
TEXT = 10_000  # characters of a string that a check observes
WORDS = 4_000  # characters of an error's message
SHORT = 500  # characters of a name, a path or a line of source
FRAMES = 6
NOTES = 300  # that a process sends of what its tree does, with all events that it listens for
NOTES_OF_AN_EVENT = 10
SHOWN = 10  # pictures of a check
MAP_ROWS, MAP_COLUMNS, POINTS = 12, 48, 400  # of a decision map
LOSSES = 200  # of a curve
PICTURES, PIXELS = 3, 64
IMAGES, SIDE = 4, 16  # pictures with captions, and their rows and columns
SYMBOLS = 40  # of a sequence
WRITTEN = 1_000  # characters of a text
CELLS = 8  # rows and columns of a table


@dataclass(frozen=True)
class Frame:
    """A place in the tree's files that an error passed through."""

    file: str
    line: int
    source: str


@dataclass(frozen=True)
class Hang:
    """The function in which a check ran out of time: its file, the line that it was in, its name and first line."""

    file: str
    line: int
    function: str
    first_line: int


@dataclass(frozen=True)
class Failure:
    """The error that stopped a check, or the import of the tree."""

    type: str
    message: str
    line: int | None = None  # of the check
    frames: tuple[Frame, ...] = ()
    stub: str | None = None  # the task whose stub raised it
    timeout: bool = False
    hang: Hang | None = None  # where, if it ran out of time
    again: bool = False  # it was stopped early, in a function that hung before
    misspelt: bool = False  # a name was not found
    attribute: tuple[str, str] | None = None  # the class and the attribute that it lacks
    missing: tuple[str, str] | None = None  # the file and the name that another file looked for in it
    suspects: tuple[tuple[str, int], ...] = ()  # files and lines that may keep the package from being imported

    def __str__(self) -> str:
        return f"{self.type}: {self.message}" if self.message else self.type


@dataclass(frozen=True)
class Fact:
    """One thing that a check observed: its kind, and what came back, as plain data."""

    kind: str
    observed: object


@dataclass(frozen=True)
class Expectation:
    """What must hold of a fact. tolerance: relative and absolute; line: of the check; what: a few words, or none;
    upstream: the upstream gradient with which it was computed, in words, where the check's text does not show it."""

    kind: str
    expected: object
    tolerance: float | None = None
    what: str = ""
    line: int = 0
    upstream: str = ""


@dataclass(frozen=True)
class Note:
    """What a tree did that no exercise asks for: the event, what it was done to, and the file and line of the tree.

    A claim of the worker, as all that it sends: a hint for a person, never a reason for a verdict.
    """

    event: str
    detail: str
    file: str = ""
    line: int = 0


@dataclass(frozen=True)
class Shown:
    """What a check shows of what was learnt: a kind of picture, a title, and the data that it is drawn from.

    A claim of the worker, as all that it sends. No verdict depends on it.
    """

    kind: str
    title: str
    data: dict


@dataclass(frozen=True)
class Request:
    """What a worker needs before the first check. checks: the ids and the files they are in.

    expectations: whether facts carry what the check expects, which is asked only of the reference. audit: whether to
    note what the tree does that no exercise asks for. apart: whether the orders up to each Leave are for a process of
    their own, forked off this one.
    """

    tree: str
    desk: str  # the folder to work in
    token: str
    memory: int
    import_seconds: float
    seed_shift: int
    checks: dict[str, str]
    expectations: bool = False
    audit: bool = False
    apart: bool = False
    job: str = "checks"


@dataclass(frozen=True)
class Order:
    """Run this check, within so many seconds. reimport: import the tree again first. hung: file and first line of the
    functions in which earlier checks ran out of time."""

    check: str
    seconds: float
    reimport: bool
    hung: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Leave:
    """No more orders for this process: it ends, and leaves none of what it started and wrote."""

    leave: bool = True


@dataclass(frozen=True)
class Setting:
    """What stays the same for all trials of a tree."""

    tree: str
    desk: str  # the folder to work in
    memory: int
    seed_shift: int
    job: str = "trials"


@dataclass(frozen=True)
class Trial:
    """A variant of the tree to run checks on, and an Order of its own: `over` comes when it has ended.

    changes: texts of files. checks: the ids and the files they are in. seconds: that each may take. limit: the time for
    all of it. trace: whether to note which functions of the tree each check runs.
    """

    changes: dict[str, str]
    checks: dict[str, str]
    seconds: dict[str, float]
    limit: float
    trace: bool = False


@dataclass(frozen=True)
class Message:
    """What a worker sends. failure: of `imported` and `end`; fact: of `fact`, with an expectation where asked for;
    note: of `noted`, which may come between any others where it was asked for; shown: of `shown`, None where it is not
    as it should be.

    Of trials alone: `begin` names its check, `end` has the functions that ran, by file and first line, and `over` the
    processor time of the trial.
    """

    event: str
    failure: Failure | None = None
    fact: Fact | None = None
    expectation: Expectation | None = None
    check: str | None = None
    ran: tuple[tuple[str, int], ...] = ()
    milliseconds: int = 0
    note: Note | None = None
    shown: Shown | None = None


class Cause(enum.Enum):
    """Why a check never came to its end."""

    TIME = "time"
    PRINTS = "prints"
    DEATH = "death"
    PIPE = "pipe"
    IMPORT = "import"
    BUDGET = "budget"  # of all checks together


@dataclass(frozen=True)
class Loss:
    """The cause for which a check was lost, and what the student reads."""

    cause: Cause
    message: str

    def __str__(self) -> str:
        return self.message


TOO_SLOW = Loss(Cause.TIME, "it took too long and was stopped")


@dataclass
class Observation:
    """The facts of a check in order, and how it ended: by itself, by a failure, or lost."""

    facts: list[Fact] = field(default_factory=list)
    expectations: list[Expectation] = field(default_factory=list)  # where they were asked for
    shown: list[Shown] = field(default_factory=list)  # likewise
    failure: Failure | None = None
    loss: Loss | None = None
    ended: bool = False
    printed: str = ""
    seconds: float = 0.0

    @property
    def too_slow(self) -> bool:
        """Whether it ran out of time."""
        if self.failure is not None:
            return self.failure.timeout
        return self.loss is not None and self.loss.cause is Cause.TIME


def line_of(message: object) -> bytes:
    """A message, a request or an order as the line that is sent."""
    return json.dumps(message, default=_fields).encode() + b"\n"


def _fields(message: object) -> dict[str, object]:
    """What a message within another consists of; unlike asdict, without a copy of each part."""
    if not dataclasses.is_dataclass(message):
        raise TypeError(f"{type(message).__name__} is not a message")
    return vars(message)
