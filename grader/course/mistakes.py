"""The catalogue of mistakes that students make: what a student reads about each, and how the reference is mutated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from grader.course.milestones import milestone_folder, milestone_of
from grader.errors import UsageError
from grader.files import SOLUTIONS, read_toml
from grader.source.graft import with_passage
from grader.source.package import PACKAGE, read_source


@dataclass(frozen=True)
class Mistake:
    """One mistake in what students write. It belongs to a task, whose section of the lesson explains how it is right.

    function: `operations/piecewise.py:ReLU.backward`. The mutation puts `new` in the place of `old`, which occurs once
    in that function of the reference.
    """

    id: str
    task: str
    title: str
    explanation: str
    function: str
    old: str
    new: str

    @property
    def milestone(self) -> int:
        """The number of the task's milestone."""
        return milestone_of(self.task)

    def changes(self, others: Mapping[str, str] = MappingProxyType({})) -> dict[str, str]:
        """The mutated file, for `assemble`, beside other changes; GraftError where the mutation does not apply."""
        file, name = self.function.split(":")
        path = f"{PACKAGE}/{file}"
        source = others.get(path) or read_source(SOLUTIONS / path)
        return {**others, path: with_passage(source, name, self.old, self.new)}


def load_mistakes(number: int) -> list[Mistake]:
    """A milestone's part of the catalogue, in its order; UsageError where an entry is not complete."""
    path = milestone_folder(number) / "mistakes.toml"
    if not path.exists():
        return []
    try:
        return [Mistake(**entry) for entry in read_toml(path)["mistake"]]
    except TypeError as error:
        raise UsageError(f"{path.parent.name}/{path.name}: {error}") from None


def load_catalogue(numbers: Sequence[int]) -> list[Mistake]:
    """The mistakes of several milestones; UsageError where two have one id."""
    mistakes = [mistake for number in numbers for mistake in load_mistakes(number)]
    seen: set[str] = set()
    for mistake in mistakes:
        if mistake.id in seen:
            raise UsageError(f"two mistakes have the id {mistake.id}")
        seen.add(mistake.id)
    return mistakes
