"""Runs the fences of a section as a student would type them, and compares what they show with their comments."""

from __future__ import annotations

import ast
import builtins
import io
import tokenize
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import ModuleType

import numpy as np

from .comments import Claim, claim, says
from .pages import Fence, Section

BEGIN, SHOW, RAISED = "_begin", "_show", "_raised"


@dataclass
class Line:
    """A line with a comment that says something, and what it showed each time that it ran."""

    number: int
    code: str
    comment: str
    claim: Claim
    shown: list[str] = field(default_factory=list)
    error: Exception | None = None

    @property
    def fault(self) -> str | None:
        """What is wrong with it, with the task written."""
        raised = None if self.error is None else f"{type(self.error).__name__}: {self.error}"
        if self.claim.error is not None:
            right = self.error is not None and type(self.error).__name__ == self.claim.error
            if right and self.claim.message is not None:
                right = says(self.claim.message, str(self.error))
            return None if right else f"says {self.comment}, and raised {raised or 'nothing'}"
        if raised is not None:
            return f"raised {raised}"
        if self.claim.value is None or (self.shown and says(self.claim.value, ", ".join(self.shown))):
            return None
        return f"says {self.claim.value}, computed {', '.join(self.shown) or 'nothing: the line did not run'}"


@dataclass
class Trial:
    """What came of running a section: its lines that say something, and errors of lines that do not."""

    lines: list[Line] = field(default_factory=list)
    errors: dict[int, str] = field(default_factory=dict)

    @property
    def faults(self) -> dict[int, str]:
        """What is wrong, by the page's lines."""
        wrong = {line.number: f"{line.fault}\n    {line.code}" for line in self.lines if line.fault is not None}
        return dict(sorted({**self.errors, **wrong}.items()))

    @property
    def not_failing(self) -> dict[int, str]:
        """The lines that should fail in a tree without the task, and do not."""
        return {
            line.number: f"says {line.comment}, and does not fail where the task is a stub\n    {line.code}"
            for line in self.lines
            if line.claim.now and line.error is None
        }


def run(section: Section, package: ModuleType, seed: int, stop: bool = False) -> Trial:
    """Run a section's fences; each statement by itself, as at a prompt, where an error does not end the session.

    stop: end with the first line that is wrong.
    """
    trial = Trial()
    package.manual_seed(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        namespace = {"np": np, "nf": package, "__name__": "lesson"}
        for fence in section.fences:
            if not run_fence(section, fence, namespace, trial, stop):
                break
    return trial


def run_fence(section: Section, fence: Fence, namespace: dict, trial: Trial, stop: bool) -> bool:
    """Run one; whether to go on."""
    where = f"{section.page.name}, {section.title}"
    try:
        tree = ast.parse(fence.text, where)
    except SyntaxError as error:
        trial.errors[fence.line + error.lineno - 1] = f"is not Python: {error.msg}"
        return not stop
    watched = Watched(fence)
    statements = [watched.visit(statement) for statement in tree.body]
    lines = watched.lines
    trial.lines += lines.values()
    printed = io.StringIO()

    def begin() -> None:
        printed.seek(0)
        printed.truncate()

    def show(number: int, value: object) -> None:
        lines[number].shown.append(printed.getvalue().strip() or repr(value))

    def raised(number: int, error: Exception) -> None:
        lines[number].error = lines[number].error or error

    def print_(*values: object, **settings: object) -> None:
        builtins.print(*values, **{"file": printed, **settings})

    namespace |= {BEGIN: begin, SHOW: show, RAISED: raised, "print": print_}
    for statement in statements:
        code = ast.fix_missing_locations(ast.Module([statement], []))
        ast.increment_lineno(code, fence.line - 1)
        try:
            exec(compile(code, where, "exec"), namespace)
        except Exception as error:
            trial.errors[statement.lineno] = f"raised {type(error).__name__}: {error}"
        reached = [line for line in lines.values() if line.number <= statement.end_lineno]
        if stop and (trial.errors or any(line.fault for line in reached)):
            return False
    return True


class Watched(ast.NodeTransformer):
    """Statements changed so that those with a comment that says something leave what they show, or raise."""

    def __init__(self, fence: Fence):
        self.fence = fence
        self.comments = comments(fence.text)
        self.lines: dict[int, Line] = {}

    def visit(self, node: ast.AST) -> ast.AST:
        """Change a statement and those within it."""
        if not isinstance(node, ast.stmt) or hasattr(node, "body"):
            return self.generic_visit(node)
        comment = self.comments.get(node.end_lineno)
        if comment is None:
            return node
        stated = claim(comment, isinstance(node, ast.Expr))
        if stated == Claim():
            return node
        number = self.fence.line + node.end_lineno - 1
        source = self.fence.text.splitlines()[node.end_lineno - 1].strip()
        self.lines[number] = Line(number, source, comment, stated)
        inner = f"{SHOW}({number}, None)" if isinstance(node, ast.Expr) else "pass"
        text = f"try:\n    {BEGIN}()\n    {inner}\nexcept Exception as _error:\n    {RAISED}({number}, _error)"
        changed = ast.parse(text).body[0]
        for each in ast.walk(changed):
            ast.copy_location(each, node)
        if isinstance(node, ast.Expr):
            changed.body[1].value.args[1] = node.value
        else:
            changed.body[1] = node
        return changed


def comments(text: str) -> Mapping[int, str]:
    """The trailing comments by their lines."""
    found = {}
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT and token.line[: token.start[1]].strip():
            found[token.start[0]] = token.string.lstrip("#").strip()
    return found
