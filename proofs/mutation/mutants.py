"""Makes the mutants: every exercise function of the reference with one small change, a whole file's text each."""

from __future__ import annotations

import ast
import io
import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from grader.source.stubs import exercises
from grader.source.syntax import functions, parse
from grader.task_id import TaskId

# Operators, their sign, and what takes its place.
ARITHMETIC = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "/"),
    ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "*"),
    ast.Mod: ("%", "*"),
    ast.Pow: ("**", "*"),
    ast.MatMult: ("@", "*"),
    ast.BitAnd: ("&", "|"),
    ast.BitOr: ("|", "&"),
}
ORDERED = (ast.Sub, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.MatMult)  # their operands don't commute
COMPARISONS = {
    ast.Lt: ("<", "<=", ">="),
    ast.LtE: ("<=", "<", ">"),
    ast.Gt: (">", ">=", "<="),
    ast.GtE: (">=", ">", "<"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
}
BOOLEAN = {ast.And: ("and", "or"), ast.Or: ("or", "and")}
LONGEST = 40  # characters of a changed text in a mutant's name: of a longer one, both ends stand for the whole
AROUND = 16  # characters of its line in the name, on either side of the change
DELETED = (ast.Expr, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Raise, ast.Continue, ast.Break)


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


@dataclass(frozen=True)
class Edit:
    """A span of the source and what takes its place."""

    operator: str
    start: int
    end: int
    new: str


class Source:
    """A source text in which nodes of its syntax tree have positions."""

    def __init__(self, text: str):
        self.text = text

    @cached_property
    def lines(self) -> list[str]:
        """The lines with their ends."""
        return list(io.StringIO(self.text, newline=""))

    @cached_property
    def line_starts(self) -> list[int]:
        """Where each line starts, and the text's end."""
        starts = [0]
        for line in self.lines:
            starts.append(starts[-1] + len(line))
        return starts

    def position(self, line: int, column: int) -> int:
        """Of a line that counts from 1 and a column that counts bytes, as `ast` has it."""
        return self.line_starts[line - 1] + len(self.lines[line - 1].encode()[:column].decode())

    def start(self, node: ast.AST) -> int:
        """Where a node starts."""
        return self.position(node.lineno, node.col_offset)

    def end(self, node: ast.AST) -> int:
        """Where a node ends."""
        return self.position(node.end_lineno, node.end_col_offset)

    def of(self, node: ast.AST) -> str:
        """A node's text."""
        return self.text[self.start(node) : self.end(node)]

    def line_number(self, position: int) -> int:
        """The line, from 1, that holds a position."""
        return sum(start <= position for start in self.line_starts[:-1])


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
    """The changes to a function's body. What a raise statement holds stays: messages are no contract."""
    waiting = list(function.body)
    while waiting:
        node = waiting.pop()
        if is_docstring(node):
            continue
        yield from edits(node, source)
        if isinstance(node, ast.FunctionDef):
            waiting += node.body
        elif not isinstance(node, ast.Raise | ast.JoinedStr):
            waiting += ast.iter_child_nodes(node)


def is_docstring(node: ast.AST) -> bool:
    """Whether the node is a string that stands alone."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def edits(node: ast.AST, source: Source) -> Iterator[Edit]:
    """The changes to one node itself, not to those that it holds."""
    if isinstance(node, DELETED) or (isinstance(node, ast.Return) and node.value is None):
        yield Edit("statement deleted", source.start(node), source.end(node), "pass")
    match node:
        case ast.BinOp(left=left, op=op, right=right) if type(op) in ARITHMETIC:
            yield _sign("arithmetic", source, left, right, *ARITHMETIC[type(op)])
            yield from _one_of(node, [left, right], source)
            if isinstance(op, ORDERED):
                yield _swapped("operands swapped", source, left, right)
        case ast.AugAssign(target=target, op=op, value=value) if type(op) in ARITHMETIC:
            old, new = ARITHMETIC[type(op)]
            yield _sign("augmented assignment", source, target, value, f"{old}=", f"{new}=")
            yield _sign("augmented assignment", source, target, value, f"{old}=", "=")
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            for before, op, after in zip([left, *comparators], ops, comparators, strict=False):
                old, *others = COMPARISONS[type(op)]
                for new in others:
                    yield _sign("comparison", source, before, after, old, new)
        case ast.BoolOp(op=op, values=values):
            for before, after in itertools.pairwise(values):
                yield _sign("boolean", source, before, after, *BOOLEAN[type(op)])
            yield from _one_of(node, values, source)
        case ast.UnaryOp():
            sign = "not" if isinstance(node.op, ast.Not) else source.of(node)[0]
            rest = source.of(node)[len(sign) :].lstrip()
            yield Edit("unary", source.start(node), source.end(node), rest)
        case ast.Constant(value=value):
            for new in _other_constants(value):
                yield Edit("constant", source.start(node), source.end(node), new)
        case ast.JoinedStr():
            yield Edit("constant", source.start(node), source.end(node), '"?"')
        case ast.Return(value=ast.expr() as value) if not (isinstance(value, ast.Constant) and value.value is None):
            yield Edit("None returned", source.start(value), source.end(node), "None")
        case ast.Call(args=arguments, keywords=keywords):
            for first, second in itertools.pairwise(arguments):
                yield _swapped("arguments swapped", source, first, second)
            for keyword in keywords:
                yield _removed(source, keyword)
        case ast.Tuple(elts=elements):
            for first, second in itertools.pairwise(elements):
                yield _swapped("elements swapped", source, first, second)
    for condition in _conditions(node):
        for new in (f"not ({source.of(condition)})", "True", "False"):
            yield Edit("condition", source.start(condition), source.end(condition), new)


def _sign(operator: str, source: Source, left: ast.AST, right: ast.AST, old: str, new: str) -> Edit:
    """The sign between two nodes replaced."""
    start = source.text.index(old, source.end(left), source.start(right))
    return Edit(operator, start, start + len(old), new)


def _one_of(node: ast.AST, operands: list[ast.expr], source: Source) -> Iterator[Edit]:
    """An expression replaced by one of its operands."""
    for operand in operands:
        yield Edit("operands dropped", source.start(node), source.end(node), f"({source.of(operand)})")


def _other_constants(value: object) -> list[str]:
    if isinstance(value, bool):
        return [repr(not value)]
    if isinstance(value, int):
        return [repr(value + 1), repr(value - 1)]
    if isinstance(value, float):
        return [repr(2 * value if value else 1.0)]
    if isinstance(value, str):
        return ['"?"']
    return []


def _swapped(operator: str, source: Source, first: ast.AST, second: ast.AST) -> Edit:
    """Two neighbours in each other's place."""
    between = source.text[source.end(first) : source.start(second)]
    return Edit(operator, source.start(first), source.end(second), source.of(second) + between + source.of(first))


def _removed(source: Source, keyword: ast.keyword) -> Edit:
    """A keyword argument gone, with the comma that its going makes superfluous."""
    start, end = source.start(keyword), source.end(keyword)
    before = source.text[:start].rstrip()
    if before.endswith(","):
        start = len(before) - 1
    elif source.text[end:].lstrip().startswith(","):
        end = source.text.index(",", end) + 1
    return Edit("argument removed", start, end, "")


def _conditions(node: ast.AST) -> list[ast.expr]:
    """The conditions that a node decides by."""
    match node:
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
            return [test]
        case ast.comprehension(ifs=tests):
            return tests
    return []
