"""Exercises, marked in the solutions, and the stubs that stand for them in a tree."""

from __future__ import annotations

import ast
import functools
import io
import re
import tokenize
from dataclasses import dataclass

from grader.errors import CourseError
from grader.task_id import PATTERN, TaskId

from .syntax import functions, parse

MARKER = re.compile(rf"# exercise: ({PATTERN})")
STUB = re.compile(rf"(?<![\w.])({PATTERN}): (\S{{1,200}}) is not written yet")  # linear also in long numbers


class StarterError(CourseError):
    """The generator met something that it can't turn into a stub safely, or a folder that it must not touch."""


@dataclass(frozen=True)
class Exercise:
    """A function that students write; lines count from 1 and include the marker."""

    task_id: TaskId
    name: str
    first_line: int
    last_line: int
    indent: str


@dataclass(frozen=True)
class Stub:
    """A function of a tree that still raises the starter's NotImplementedError."""

    task_id: TaskId
    name: str
    file: str
    line: int


def stub_id(error: BaseException) -> str | None:
    """The task whose stub raised this error, or None where it is not a stub's."""
    match = STUB.fullmatch(str(error)) if isinstance(error, NotImplementedError) else None
    return match and match[1]


def stub_told(kind: str, message: str) -> str | None:
    """The same of an error of which only the words are known."""
    return stub_id(NotImplementedError(message)) if kind == NotImplementedError.__name__ else None


@functools.lru_cache(maxsize=500)
def exercises(source: str, file: str = "<source>") -> tuple[Exercise, ...]:
    """The functions marked `# exercise: <id>`, in order; StarterError names file and line of a marker out of place."""
    markers, comments = {}, {}
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        line = token.start[0]
        if token.type == tokenize.COMMENT:
            comments[line] = token
            match = MARKER.fullmatch(token.string)
            if match:
                markers[line] = TaskId(match[1])
            elif re.search(r"\bexercise\b\W*\d|\bexercise:", token.string):
                raise StarterError(f"{file}:{line}: a marker reads exactly `# exercise: <id>`, not `{token.string}`")
        elif "# exercise:" in token.string and token.type != tokenize.NEWLINE:
            raise StarterError(f"{file}:{line}: a marker inside a string; a marker is a comment of its own")
    found = []
    for name, function in functions(parse(source)):
        inside = sorted(line for line in markers if function.lineno < line <= function.end_lineno)
        if not inside:
            continue
        first = inside[0]
        if len(inside) > 1:
            raise StarterError(
                f"{file}:{inside[1]}: {name} holds more than one marker; an exercise is a whole function"
            )
        if not _opens_body(function, first, comments):
            raise StarterError(f"{file}:{first}: the marker must be the first line of the body of {name}")
        indent = " " * comments[first].start[1]
        after = _leaking_comment(comments, source, function)
        if after:
            raise StarterError(f"{file}:{after}: a comment after the body of {name} would stay in the starter")
        found.append(Exercise(markers.pop(first), name, first, function.end_lineno, indent))
    if markers:
        raise StarterError(f"{file}:{min(markers)}: a marker outside of any function's body")
    return tuple(sorted(found, key=lambda exercise: exercise.first_line))


def stubs(source: str, file: str) -> list[Stub]:
    """The functions of a student's file that only raise the stub's error; SyntaxError if it does not parse."""
    return list(_stubs(source, file))


@functools.lru_cache(maxsize=200)
def _stubs(source: str, file: str) -> tuple[Stub, ...]:
    if "NotImplementedError" not in source:
        return ()
    found = []
    for _, function in functions(parse(source)):
        *before, last = function.body
        documented = ast.get_docstring(function, clean=False) is not None
        if len(before) == documented and isinstance(last, ast.Raise):
            found += stubs_in_text(ast.unparse(last), file, last.lineno)
    return tuple(sorted(found, key=lambda stub: stub.line))


def stubs_in_text(text: str, file: str, first_line: int = 1) -> list[Stub]:
    """The stubs' messages in a text that need not parse."""
    return [Stub(TaskId(m[1]), m[2], file, first_line + text.count("\n", 0, m.start())) for m in STUB.finditer(text)]


def _opens_body(function: ast.FunctionDef, marker: int, comments: dict) -> bool:
    """Whether the marker stands before the first statement, with nothing but the docstring before it."""
    statements = function.body
    if ast.get_docstring(function, clean=False) is not None:
        header, statements = statements[0].end_lineno, statements[1:]
    else:
        arguments = [part.end_lineno for part in ast.walk(function.args) if hasattr(part, "end_lineno")]
        header = max([function.lineno, *arguments])
    before = [line for line in comments if header < line < marker and comments[line].line.lstrip().startswith("#")]
    return header < marker and not before and bool(statements) and marker < statements[0].lineno


def _leaking_comment(comments: dict, source: str, function: ast.FunctionDef) -> int | None:
    """The line of a comment that trails the function, indented like its body."""
    lines = list(io.StringIO(source))
    for number in range(function.end_lineno + 1, len(lines) + 1):
        text = lines[number - 1]
        if text.strip() and not text.lstrip().startswith("#"):
            return None
        if number in comments and comments[number].start[1] > function.col_offset:
            return number
    return None
