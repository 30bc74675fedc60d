"""Changes that students make without noticing: in place, a copy or a call left out, another order, an early end."""

from __future__ import annotations

import ast
import functools
import itertools
from collections.abc import Iterator

from grader.files import SOLUTIONS
from grader.source.package import sources
from grader.source.syntax import functions, parse

from .source import Edit, Source

IN_PLACE = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**", ast.BitAnd: "&", ast.BitOr: "|"}
COMMUTING = (ast.Add, ast.Mult)
COMPOUND = (ast.BinOp, ast.BoolOp, ast.Compare, ast.IfExp)
ENDING = (ast.Assign, ast.AugAssign, ast.Expr)
SIMPLE = (ast.Assign, ast.Expr, ast.Return)
SCOPES = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Lambda, ast.FunctionDef, ast.JoinedStr)
MODULES = ("np", "math", "init")
# Calls that cannot be left out: what they get is of another kind than what they give.
OTHER_KIND = {"isinstance", "len", "range", "zip", "zip_longest", "enumerate", "id", "type", "super", "vars", "sum"}
OTHER_KIND |= {"divmod", "apply", "items", "values", "keys", "pop", "append", "get", "join"}
OTHER_KIND |= {"named_modules", "named_parameters"}
# How many arguments must stay, for calls of what the reference does not define.
REQUIRED = {"array": 1, "asarray": 1, "zeros": 1, "ones": 1, "pop": 1, "random": 0, "transpose": 0, "cell": 1}


def edits(node: ast.AST, function: ast.FunctionDef, source: Source) -> Iterator[Edit]:
    """The changes to one node of a function's body."""
    if isinstance(node, SIMPLE):
        yield from in_place(node, source)
    match node:
        case ast.AugAssign(target=target, op=op, value=value) if type(op) in IN_PLACE:
            text = f"{source.of(target)} = {source.of(target)} {IN_PLACE[type(op)]} {operand(value, source)}"
            yield source.replaced("out of place", node, text)
        case ast.Call():
            yield from calls(node, source, function)
        case ast.List(elts=elements):
            for first, second in itertools.pairwise(elements):
                yield source.swapped("elements swapped", first, second)
        case ast.For(iter=several) | ast.comprehension(iter=several):
            yield source.replaced("order reversed", several, reverse(several, source))
            yield source.replaced("first turn alone", several, f"[*{operand(several, source)}][:1]")
        case ast.While(body=[*_, last]):
            text = f"{source.of(last)}\n{' ' * last.col_offset}break"
            yield source.replaced("first turn alone", last, text)
        case ast.With(items=[first, *_]) if all(item.optional_vars is None for item in node.items):
            yield Edit("with left out", source.start(node), source.end(node.items[-1].context_expr), "if True")
        case ast.Assign(targets=[ast.Name()], value=value) if gives_a_value(function):
            yield source.replaced("early return", node, f"return {source.of(value)}")
        case ast.If(body=[*_, last]) if isinstance(last, ENDING) and last in followed(function):
            yield source.replaced("early return", last, f"{source.of(last)}; return")


def in_place(statement: ast.stmt, source: Source) -> Iterator[Edit]:
    """`y = f(x * z)` as `x *= z; y = f(x)`, for every operand that has a name."""
    for node in within(statement):
        match node:
            case ast.BinOp(left=left, op=op, right=right) if type(op) in IN_PLACE:
                if has_a_name(left):
                    yield _in_place(statement, node, left, IN_PLACE[type(op)], operand(right, source), source)
                if has_a_name(right) and isinstance(op, COMMUTING):
                    yield _in_place(statement, node, right, IN_PLACE[type(op)], operand(left, source), source)
            case ast.UnaryOp(op=ast.USub(), operand=value) if has_a_name(value):
                yield _in_place(statement, node, value, "*", "-1", source)


def _in_place(statement: ast.stmt, node: ast.expr, target: ast.expr, sign: str, value: str, source: Source) -> Edit:
    name = source.of(target)
    rest = source.text[source.start(statement) : source.start(node)] + name
    rest += source.text[source.end(node) : source.end(statement)]
    change = f"{name} {sign}= {value}"
    return source.replaced("in place", statement, change if rest == f"{name} = {name}" else f"{change}; {rest}")


def within(statement: ast.stmt) -> Iterator[ast.AST]:
    """The nodes of a statement that are computed once, in its own names."""
    waiting = [statement]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += [child for child in ast.iter_child_nodes(node) if not isinstance(child, SCOPES)]


def has_a_name(node: ast.expr) -> bool:
    """Whether an operand is something that a student would change in place: x, self.x, parameter.data."""
    match node:
        case ast.Name() | ast.Attribute(value=ast.Name(id="self")) | ast.Attribute(attr="data"):
            return True
    return False


def operand(node: ast.expr, source: Source) -> str:
    """The text of a node as the operand of a sign."""
    return f"({source.of(node)})" if isinstance(node, COMPOUND) else source.of(node)


def calls(node: ast.Call, source: Source, function: ast.FunctionDef) -> Iterator[Edit]:
    """A call left out, `np.array` that need not copy, the last positional argument dropped."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
    arguments = [argument for argument in node.args if not isinstance(argument, ast.Starred)]
    result = results(function).get(node)
    for rest in instead(node, name, [argument for argument in arguments if not isinstance(argument, ast.Constant)]):
        if result not in ("", source.of(rest)):  # otherwise the whole statement would do nothing: `signs` deletes it
            yield source.replaced("call left out", node, source.of(rest))
    if name == "array":
        yield Edit("copy left out", source.end(node.func) - len(name), source.end(node.func), "asarray")
    required = REQUIRED.get(name, required_arguments().get(name))
    if required is not None and len(arguments) == len(node.args) > required:
        yield source.removed(arguments[-1])


def instead(node: ast.Call, name: str, arguments: list[ast.expr]) -> list[ast.expr]:
    """What a call left out leaves: what the method belongs to, or an argument."""
    if name in OTHER_KIND:
        return []
    if name == "where":
        return [argument for argument in arguments if argument is not node.args[0]]
    match node.func:
        case ast.Attribute(value=ast.Name(id="self")):
            return arguments
        case ast.Attribute(value=value) if not (isinstance(value, ast.Name) and value.id in MODULES):
            return [value]
    return arguments[:1]


@functools.cache
def required_arguments() -> dict[str, int]:
    """How many positional arguments must stay, for the reference's functions that have others as well."""
    found = {}
    for text in sources(SOLUTIONS).values():
        for name, function in functions(parse(text)):
            names = [argument.arg for argument in function.args.args]
            if function.args.defaults or function.args.vararg:
                required = len(names) - len(function.args.defaults) - (names[:1] == ["self"])
                found[name.rpartition(".")[2]] = required
    return found


def reverse(several: ast.expr, source: Source) -> str:
    """What a loop runs over, from its end."""
    match several:
        case ast.Call(func=ast.Name(id="reversed"), args=[inner]):
            return source.of(inner)
    return f"reversed([*{operand(several, source)}])"


@functools.cache
def results(function: ast.FunctionDef) -> dict[ast.expr, str]:
    """The names that expressions are assigned to as they are; "" for those whose result is not used."""
    names = {}
    for node in ast.walk(function):
        match node:
            case ast.Expr(value=value):
                names[value] = ""
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                names[value] = name
    return names


@functools.cache
def gives_a_value(function: ast.FunctionDef) -> bool:
    """Whether a function returns something."""
    return any(isinstance(node, ast.Return) and node.value is not None for node in ast.walk(function))


@functools.cache
def followed(function: ast.FunctionDef) -> set[ast.stmt]:
    """The statements after which something else is done, in a function that gives no value."""
    found = set()

    def walk(block: list[ast.stmt], more: bool) -> None:
        for statement in block:
            later = more or statement is not block[-1]
            found.update([statement] if later else [])
            for name in ("body", "orelse", "finalbody"):
                walk(getattr(statement, name, []), later or isinstance(statement, ast.For | ast.While))

    if not gives_a_value(function):
        walk(function.body, False)
    return found
