"""The starter's generator: solutions/ with the body of every exercise replaced by a stub that names its task."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

PACKAGE = "neural_framework"
TASK_ID = r"(?:\d+|extra)\.\d+"
MARKER = re.compile(rf"# exercise: ({TASK_ID})")
STUB = re.compile(rf"({TASK_ID}): (\S+) is not written yet")


class StarterError(Exception):
    """The generator met something that it can't turn into a stub safely, or a folder that it must not touch."""


@dataclass(frozen=True)
class Exercise:
    """A function that students write; lines count from 1 and include the marker."""

    task_id: str
    name: str
    first_line: int
    last_line: int
    indent: str


@dataclass(frozen=True)
class Stub:
    """A function of a tree that still raises the starter's NotImplementedError."""

    task_id: str
    name: str
    file: str
    line: int


@dataclass(frozen=True)
class Definition:
    """A function or class of a file, decorators included: its first line and its text."""

    first: int
    text: str


def stub_id(error: BaseException) -> str | None:
    """The task whose stub raised this error, or None where it is no stub's."""
    match = STUB.fullmatch(str(error)) if isinstance(error, NotImplementedError) else None
    return match and match[1]


def exercises(source: str, file: str = "<source>") -> list[Exercise]:
    """The functions marked `# exercise: <id>`, in order; StarterError names file and line of a marker out of place."""
    markers, comments = {}, {}
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        line = token.start[0]
        if token.type == tokenize.COMMENT:
            comments[line] = token
            match = MARKER.fullmatch(token.string)
            if match:
                markers[line] = match[1]
            elif re.search(r"\bexercise\b\W*\d|\bexercise:", token.string):
                raise StarterError(f"{file}:{line}: a marker reads exactly `# exercise: <id>`, not `{token.string}`")
        elif "# exercise:" in token.string and token.type != tokenize.NEWLINE:
            raise StarterError(f"{file}:{line}: a marker inside a string; a marker is a comment of its own")
    found = []
    for name, function in functions(ast.parse(source)):
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
    return sorted(found, key=lambda exercise: exercise.first_line)


def generate(source: str, file: str = "<source>", chosen: Callable[[Exercise], bool] = lambda exercise: True) -> str:
    """`source` with a stub for every exercise that is chosen (all of them), every other byte as it was."""
    lines = lines_of(source)
    for exercise in reversed(exercises(source, file)):
        if not chosen(exercise):
            continue
        newline = "\r\n" if lines[exercise.first_line - 1].endswith("\r\n") else "\n"
        stub = [
            f"# TODO {exercise.task_id}: see `nox -s hint -- {exercise.task_id}`",
            f'raise NotImplementedError("{exercise.task_id}: {exercise.name} is not written yet")',
        ]
        lines[exercise.first_line - 1 : exercise.last_line] = [exercise.indent + line + newline for line in stub]
    return "".join(lines)


def stubs(source: str, file: str) -> list[Stub]:
    """The functions of a student's file that only raise the stub's error; SyntaxError if it does not parse."""
    if "NotImplementedError" not in source:
        return []
    found = []
    for _, function in functions(ast.parse(source)):
        *before, last = function.body
        documented = ast.get_docstring(function, clean=False) is not None
        if len(before) == documented and isinstance(last, ast.Raise):
            found += stubs_in_text(ast.unparse(last), file, last.lineno)
    return sorted(found, key=lambda stub: stub.line)


def stubs_in_text(text: str, file: str, first_line: int = 1) -> list[Stub]:
    """The stubs' messages in a text that need not parse."""
    return [Stub(m[1], m[2], file, first_line + text.count("\n", 0, m.start())) for m in STUB.finditer(text)]


def source_files(tree: Path) -> dict[str, Path]:
    """The package's Python files: their path within the tree, with forward slashes, and where they are."""
    files = [path for path in sorted((tree / PACKAGE).rglob("*.py")) if path.is_file() and path.name[0] != "."]
    return {path.relative_to(tree).as_posix(): path for path in files}


def starter_file(solutions: Path, name: str) -> str:
    """One file of the starter, made from the solutions."""
    return generate(read_source(solutions / name), name)


def read_source(path: Path) -> str:
    """A file's text with its line ends kept."""
    with path.open(encoding="utf-8", newline="") as file:
        return file.read()


def write_starter(solutions: Path, destination: Path) -> int:
    """Write a fresh starter; returns the number of files. A folder that holds anything is refused."""
    if destination.exists() and (not destination.is_dir() or any(destination.iterdir())):
        raise StarterError(f"{destination} is not empty, and work is never overwritten: name a new folder")
    files = {name: starter_file(solutions, name) for name in source_files(solutions)}
    for name, text in files.items():
        path = destination / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
    return len(files)


def differences(solutions: Path, starter: Path) -> list[str]:
    """Where the starter is not what the solutions generate, a line a file."""
    expected, present = source_files(solutions), source_files(starter)
    found = [f"{name}: missing in {starter.name}/" for name in expected if name not in present]
    found += [f"{name}: not in {solutions.name}/" for name in present if name not in expected]
    for name in expected.keys() & present.keys():
        wanted, got = starter_file(solutions, name), read_source(present[name])
        if wanted != got:
            line = _first_differing_line(wanted, got)
            found.append(f"{name}:{line}: differs from what {solutions.name}/ generates")
    return sorted(found)


def functions(module: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Every function with its dotted name; functions inside a function belong to it."""

    def walk(node: ast.AST, prefix: str):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                yield prefix + child.name, child
            elif isinstance(child, ast.ClassDef):
                yield from walk(child, f"{prefix}{child.name}.")
            else:
                yield from walk(child, prefix)

    return walk(module, "")


def definitions(source: str) -> dict[str, Definition]:
    """The functions and classes at the top level of a file, by name."""
    lines, found = lines_of(source), {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            first = first_line(node)
            found[node.name] = Definition(first, "".join(lines[first - 1 : node.end_lineno]))
    return found


def lines_of(source: str) -> list[str]:
    """The lines of a text with their ends; not splitlines, which knows more ends of lines than Python."""
    return list(io.StringIO(source, newline=""))


def first_line(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> int:
    """The line where a function or class begins, decorators included."""
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])


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


def _first_differing_line(wanted: str, got: str) -> int:
    pairs = zip(wanted.splitlines(keepends=True), got.splitlines(keepends=True), strict=False)
    same = 0
    for wanted_line, got_line in pairs:
        if wanted_line != got_line:
            break
        same += 1
    return same + 1
