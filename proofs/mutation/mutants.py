"""Makes the mutants: every exercise function of the reference with one small change, a whole file's text each."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from grader.source.stubs import exercises
from grader.source.syntax import functions, parse
from grader.task_id import TaskId

from . import habits, signs
from .source import Edit, Source

LONGEST = 40  # characters of a changed text in a mutant's name: of a longer one, both ends stand for the whole
AROUND = 16  # characters of its line in the name, on either side of the change


@dataclass(frozen=True)
class Mutant:
    """One change to a function. `old` and `new` are the lines that it touches, on one line each.

    change: what is replaced by what, in brackets, with a few characters on either side: it tells the mutants of a
    function apart, and stays the same when anything else in the function changes.
    """

    file: str
    function: str
    task_id: TaskId
    line: int  # within the function
    operator: str
    change: str
    old: str
    new: str
    text: str  # of the whole file, changed

    @property
    def key(self) -> tuple[str, str, str]:
        """The name of the mutant among those of all files."""
        return self.file, self.function, self.change


def mutants(text: str, file: str) -> Iterator[Mutant]:
    """All mutants of a file's exercises that earn points, in the order of the text."""
    source = Source(text)
    tasks = {(exercise.name, exercise.last_line): exercise.task_id for exercise in exercises(text, file)}
    for name, function in functions(parse(text)):
        task_id = tasks.get((name, function.end_lineno))
        if task_id is None or task_id.is_extra:
            continue
        seen, changes = {text}, Counter()
        for edit in sorted(function_edits(function, source), key=lambda edit: (edit.start, edit.end)):
            mutant = _mutant(source, edit, file, name, task_id, function.lineno)
            if mutant.text not in seen:
                seen.add(mutant.text)
                changes[mutant.change] += 1
                yield _numbered(mutant, changes[mutant.change])


def _mutant(source: Source, edit: Edit, file: str, name: str, task_id: str, first_line: int) -> Mutant:
    first, last = source.line_number(edit.start), source.line_number(edit.end - 1)
    before = source.text[source.line_starts[first - 1] : edit.start]
    after = source.text[edit.end : source.line_starts[last]].partition("  #")[0]  # comments come and go
    replaced = source.text[edit.start : edit.end]
    old, new = _on_one_line(before + replaced + after), _on_one_line(before + edit.new + after)
    around = before.lstrip()[-AROUND:].lstrip(), after.rstrip()[:AROUND].rstrip()
    change = f"[{_short(replaced)} -> {_short(edit.new)}]".join(around)
    text = source.text[: edit.start] + edit.new + source.text[edit.end :]
    return Mutant(file, name, task_id, first - first_line + 1, edit.operator, change, old, new, text)


def _numbered(mutant: Mutant, number: int) -> Mutant:
    """The mutant, its change numbered if it is not the function's first of these words."""
    return mutant if number == 1 else replace(mutant, change=f"{mutant.change} #{number}")


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


def _short(text: str) -> str:
    """A text as it stands in a mutant's name; of a raise statement only the type, as messages change."""
    text = _on_one_line(text)
    if text.startswith("raise "):
        return text.partition("(")[0]
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2]}...{text[-LONGEST // 2 :]}"


def function_edits(function: ast.FunctionDef, source: Source) -> Iterator[Edit]:
    """The changes to a function's body. What a raise statement holds stays: messages are not part of the contract."""
    waiting = list(function.body)
    while waiting:
        node = waiting.pop()
        if is_docstring(node):
            continue
        yield from signs.edits(node, source)
        yield from habits.edits(node, function, source)
        if isinstance(node, ast.FunctionDef):
            waiting += node.body
        elif not isinstance(node, ast.Raise | ast.JoinedStr):
            waiting += ast.iter_child_nodes(node)


def is_docstring(node: ast.AST) -> bool:
    """Whether the node is a string that stands alone."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
