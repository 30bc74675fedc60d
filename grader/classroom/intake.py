"""Takes in a class in whatever layout: one entry a student, and each is loaded when it is needed."""

from __future__ import annotations

import functools
import zipfile
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.errors import CourseError

from .archives import OF_A_CLASS, opened
from .ids import safe_id, unique_ids
from .layouts import handed_in, stem
from .packages import take
from .places import Folder, Place
from .roster import Matched, match, read_roster
from .submission import NOTHING, Submission, UnusableError, bounded, shown, storable


@dataclass(frozen=True)
class Entry:
    """A student's place in the class: id and name, and what was handed in, once it is loaded.

    on_roster: whether there is a roster with this student. handed_in: whether there is anything to load.
    """

    id: str
    name: str
    _take: Callable[[], tuple[dict[str, bytes], list[str]]]
    _notes: tuple[str, ...] = ()
    on_roster: bool = False
    handed_in: bool = True

    def load(self) -> Submission:
        """Read what was handed in. Whatever is wrong with it becomes the submission's problem, never an error."""
        files: dict[str, bytes] = {}
        notes, problem = list(self._notes), None
        try:
            files, found = self._take()
            notes += found
        except UnusableError as error:
            problem = str(error)
        except OSError as error:
            problem = f"it can't be read: {error.strerror or shown(str(error))}"
        except Exception as error:  # unforeseen: it costs this submission alone
            problem = f"it can't be read: {type(error).__name__}: {shown(str(error))}"
        return Submission(self.id, self.name, files, bounded(notes), problem)


def entries(source: Path, roster: Path | None = None, without: Collection[Path] = ()) -> list[Entry]:
    """One entry for each submission, and for each student on the roster, sorted by id.

    source: a folder or an archive, in one of the layouts of layouts.py.
    without: folders in it that are not submissions, such as the one in which the results are.
    """
    for folder in without:
        if folder.resolve() == source.resolve():
            raise CourseError(f"{folder} is the folder of the submissions; name another one for everything else")
    rows = read_roster(roster) if roster is not None else []
    place = _place(source, without)
    try:
        handed = handed_in(place, _name(source))
    except (OSError, UnusableError, zipfile.BadZipFile) as error:
        raise CourseError(f"{source} can't be read: {error}") from None
    if not handed and not rows:
        raise CourseError(
            f"{source}: no submissions; expected a folder, or an archive, with one folder or archive for each student"
        )
    matched = match(rows, handed) if roster is not None else [Matched(None, one) for one in handed]
    return sorted(_entries(place, matched, roster is not None), key=lambda entry: (entry.id.casefold(), entry.id))


def _place(source: Path, without: Collection[Path]) -> Place:
    if source.is_dir():
        return Folder(source, without)
    if not source.is_file():
        raise CourseError(f"{source} is not a folder or an archive; name the one that holds the submissions")
    try:
        return opened(source.open("rb"), OF_A_CLASS)
    except (OSError, UnusableError) as error:
        raise CourseError(f"{source} can't be read: {error}") from None


def _name(source: Path) -> str:
    name = source.resolve().name
    return name if source.is_dir() else stem(name)


def _entries(place: Place, matched: Sequence[Matched], has_roster: bool) -> list[Entry]:
    on_roster = [one for one in matched if one.row is not None]
    others = [one for one in matched if one.row is None]
    ids = [safe_id(one.row.id) for one in on_roster]
    ids += unique_ids([one.handed.keys[0] for one in others], ids)
    made = []
    for id, one in zip(ids, [*on_roster, *others], strict=True):
        handed = one.handed
        notes = handed.notes if handed else ()
        if has_roster and one.row is None:
            notes = (f"not on the roster (handed in as {shown(handed.label)})", *notes)
        name = (one.row.name or one.row.id) if one.row else handed.name
        taking = functools.partial(take, place, handed.paths) if handed else functools.partial(_refuse, one.problem)
        made.append(Entry(id, storable(name), taking, tuple(notes), one.row is not None, handed is not None))
    return made


def _refuse(problem: str | None) -> tuple[dict[str, bytes], list[str]]:
    raise UnusableError(problem or NOTHING)
