"""Wrong bodies that students could have written, by authors who knew neither the suites nor the catalogue."""

from __future__ import annotations

import ast
import textwrap
from dataclasses import dataclass
from pathlib import Path

from grader.files import SOLUTIONS, read_toml
from grader.source.exercises import exercises_by_file
from grader.source.package import PACKAGE, read_source
from grader.source.syntax import parse
from grader.source.transplant import transplanted
from grader.task_id import TaskId

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class WrongBody:
    """A function with a mistake in it.

    thought: what its author had in mind. labels: the ids of the catalogued mistakes that say the same, judged by
    reading. aside: whether it belongs to those that nothing was tuned to. unfit: why it does not count: it breaks
    nothing that the contract promises, or is older than that.
    """

    id: str
    function: str
    thought: str
    text: str
    labels: tuple[str, ...]
    aside: bool
    unfit: str = ""

    @property
    def file(self) -> str:
        """The function's file in a tree."""
        return f"{PACKAGE}/{self.function.partition(':')[0]}"

    @property
    def name(self) -> str:
        """The function's dotted name."""
        return self.function.partition(":")[2]

    @property
    def task(self) -> TaskId:
        """The task whose exercise it is."""
        return next(one.task_id for one in exercises_by_file()[self.file] if one.name == self.name)

    def changes(self) -> dict[str, str]:
        """The reference's file with this body, for `grade`."""
        return {self.file: transplanted(read_source(SOLUTIONS / self.file), self._module(), [self.name])}

    def _module(self) -> str:
        """The body as a file of its own: a method in its class, what comes with it at the top level."""
        owner, _, method = self.name.rpartition(".")
        parts = []
        for node in parse(self.text).body:
            text = ast.unparse(node)
            if owner and isinstance(node, ast.FunctionDef) and node.name == method:
                text = f"class {owner}:\n{textwrap.indent(text, '    ')}"
            parts.append(text)
        return "\n\n".join(parts) + "\n"


def wrong_bodies() -> list[WrongBody]:
    """All of them: those that may be learnt from, then those put aside."""
    found = []
    for path in [*sorted(FOLDER.glob("*.toml")), *sorted(FOLDER.glob("aside/*.toml"))]:
        aside = path.parent != FOLDER
        for position, entry in enumerate(read_toml(path)["body"], start=1):
            labels = tuple(entry.pop("mistakes", ()))
            id = f"{'aside/' if aside else ''}{path.stem}.{position}"
            found.append(WrongBody(id, **entry, labels=labels, aside=aside))
    return found
