"""The catalogue of mistakes that students make: what a student reads about each, and how the reference is mutated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from grader.errors import CourseError
from grader.sealed import table
from grader.source.graft import with_passage
from grader.source.package import PACKAGE
from grader.source.reference import reference
from grader.task_id import TaskId

from .milestones import Milestone


@dataclass(frozen=True)
class Mistake:
    """One mistake in what students write. It belongs to a task, whose section of the lesson explains what is right.

    function: `operations/piecewise.py:ReLU.backward`. The mutation puts `new` in the place of `old`, which occurs once
    in that function of the reference. also: the same mistake in other functions of the task, or in other code, as
    (function, old, new).
    """

    id: str
    task: TaskId
    title: str
    explanation: str
    function: str
    old: str
    new: str
    also: tuple[tuple[str, str, str], ...] = ()

    def forms(self) -> Iterator[Mistake]:
        """This mistake, in each function and code in which the catalogue has it."""
        yield replace(self, also=())
        for function, old, new in self.also:
            yield replace(self, function=function, old=old, new=new, also=())

    def changes(self, others: Mapping[str, str] = MappingProxyType({})) -> dict[str, str]:
        """The mutated file, for `grade`, along with other changes; GraftError where the mutation does not apply."""
        file, name = self.function.split(":")
        path = f"{PACKAGE}/{file}"
        source = others.get(path) or reference()[path]
        return {**others, path: with_passage(source, name, self.old, self.new)}


def load_mistakes(milestone: Milestone) -> list[Mistake]:
    """A milestone's part of the catalogue, in its order; CourseError where an entry is not complete."""
    path = milestone.folder / "mistakes.toml"
    entries = table(path)
    try:
        return [_mistake(**entry) for entry in entries["mistake"]] if entries else []
    except (TypeError, KeyError) as error:
        raise CourseError(f"{path.parent.name}/{path.name}: {error}") from None


def _mistake(task: str, function: str, also: Iterable[Mapping[str, str]] = (), **entry: str) -> Mistake:
    forms = tuple((each.get("function", function), each["old"], each["new"]) for each in also)
    return Mistake(task=TaskId(task), function=function, also=forms, **entry)


def load_catalogue(milestones: Iterable[Milestone]) -> list[Mistake]:
    """The mistakes of several milestones; CourseError where two have one id."""
    mistakes = [mistake for milestone in milestones for mistake in load_mistakes(milestone)]
    seen: set[str] = set()
    for mistake in mistakes:
        if mistake.id in seen:
            raise CourseError(f"two mistakes have the id {mistake.id}")
        seen.add(mistake.id)
    return mistakes
