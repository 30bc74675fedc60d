"""Reads a module for what no exercise asks for, by its syntax tree alone: nothing of it is run."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from .words import (
    ATTRIBUTES,
    AUTOGRAD,
    CALLS,
    COMPARISONS,
    COURSE,
    DISGUISES,
    HARMLESS,
    KINDS,
    NAMES,
    PARTLY,
    WATCHED,
)

TABLE = 60  # numbers in one literal; the reference's largest has a sixth of it
LONG_TEXT = 200  # characters without a space
NO_WORDS = re.compile(r"[A-Za-z0-9+/=_\-\\%:,.]*")
DECODERS = {"b64decode", "b85decode", "a85decode", "b32decode", "b16decode", "fromhex", "unhexlify", "decompress"}
NAMED_BY = {"getattr", "setattr", "delattr", "hasattr", "__import__", "importlib.import_module", "exec", "eval", "open"}
TAKE_DTYPE = {"array", "asarray", "astype", "empty", "full", "ones", "zeros", "zeros_like"}
MAIN = ast.dump(ast.parse('__name__ == "__main__"', mode="eval").body)
MAKERS = {"bytearray", "bytes", "chr", "int", "list", "map", "range", "reversed", "str"}
SMALL = 0.02  # a step that someone might try nearby values with


@dataclass(frozen=True)
class Finding:
    """Something to mark: its kind, its line, and what it is."""

    kind: str
    line: int
    what: str


def findings(module: ast.Module) -> Iterator[Finding]:
    """What a module contains."""
    nodes = list(ast.walk(module))
    reader = _Reader(nodes)
    for node in nodes:
        read = getattr(reader, f"read_{type(node).__name__.lower()}", None)
        if read is not None and id(node) not in reader.passed_over:
            yield from read(node)


class _Reader:
    """What there is to find at each kind of node. Names are followed through imports, not through assignments."""

    def __init__(self, nodes: list[ast.AST]):
        self.known: dict[str, str] = {}  # what a name stands for, if it was imported
        self.passed_over: set[int] = set()  # nodes
        stored = {one.id for one in nodes if isinstance(one, ast.Name) and not isinstance(one.ctx, ast.Load)}
        self.builtins = WATCHED - stored  # names that still mean what Python means by them
        renamed = "__name__" in stored
        for node in nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    root = alias.name.split(".")[0]
                    self.known[alias.asname or root] = alias.name if alias.asname else root
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                self.known |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
            elif isinstance(node, ast.If) and not renamed and _is_main(node.test):  # what a student tries out
                self.passed_over |= {id(inner) for one in node.body for inner in ast.walk(one)}
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.body:
                first = node.body[0]
                if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                    self.passed_over.add(id(first.value))  # a docstring

    def dotted(self, node: ast.expr) -> str | None:
        """The full name of `a` or `a.b.c` where `a` was imported, or the plain name where it was not."""
        parts = []
        while isinstance(node, ast.Attribute):
            parts.insert(0, node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return None
        if parts and node.id not in self.known:
            return None
        return ".".join([self.known.get(node.id, node.id), *parts])

    def read_import(self, node: ast.Import) -> Iterator[Finding]:
        for alias in node.names:
            yield from self.imported(alias.name, node.lineno)

    def read_importfrom(self, node: ast.ImportFrom) -> Iterator[Finding]:
        if node.level or not node.module:
            return
        if node.module in PARTLY or node.module.split(".")[0] == "numpy":
            for alias in node.names:
                yield from self.named(f"{node.module}.{alias.name}", node.lineno)
        else:
            yield from self.imported(node.module, node.lineno)

    def imported(self, module: str, line: int) -> Iterator[Finding]:
        root = module.split(".")[0]
        if module in PARTLY or module == "os.path" or root in HARMLESS or (root == "numpy" and module not in NAMES):
            return
        kind = "course" if root in COURSE else "autograd" if root in AUTOGRAD else KINDS.get(root, "import")
        kind = NAMES.get(module, kind)
        yield Finding(kind, line, f"it imports {module}")

    def named(self, name: str, line: int) -> Iterator[Finding]:
        """A name of a module of which not all names are harmless, or one that is of interest itself."""
        root, _, rest = name.partition(".")
        if name in NAMES:
            yield Finding(NAMES[name], line, f"it uses {name}")
        elif root in PARTLY and rest and rest.split(".")[0] not in PARTLY[root]:
            yield Finding(KINDS[root], line, f"it uses {root}.{rest.split('.')[0]}")

    def read_attribute(self, node: ast.Attribute) -> Iterator[Finding]:
        name = self.dotted(node)
        if name is not None:
            yield from self.named(name, node.lineno)
        if node.attr in ATTRIBUTES:
            yield Finding(ATTRIBUTES[node.attr], node.lineno, f"it uses .{node.attr}")

    def read_name(self, node: ast.Name) -> Iterator[Finding]:
        name = self.known.get(node.id, node.id)
        if name in NAMES:
            yield Finding(NAMES[name], node.lineno, f"it uses {name}")
        elif name in self.builtins and isinstance(node.ctx, ast.Load):
            yield Finding(CALLS[name], node.lineno, f"it uses {name}")

    def read_call(self, node: ast.Call) -> Iterator[Finding]:
        name = self.dotted(node.func) or ""
        kind = CALLS.get(name)
        if kind and name not in WATCHED:
            yield Finding(kind, node.lineno, f"it calls {name}()")
        last = node.func.attr if isinstance(node.func, ast.Attribute) else name
        if last in DECODERS or (last == "decode" and _is_made_of_constants(node)):
            yield Finding("obfuscation", node.lineno, f"it decodes a text ({last})")
        if last == "frombuffer" and node.args and isinstance(node.args[0], ast.Constant):
            yield Finding("table", node.lineno, "numbers from a literal of bytes")
        if name in NAMED_BY and any(_is_made_of_constants(one) for one in node.args):
            yield Finding("obfuscation", node.lineno, f"a name for {name}() that is put together from pieces")
        if name in ("setattr", "delattr", "vars") and node.args and self.is_module(node.args[0]):
            yield Finding("replaced", node.lineno, f"it changes {self.dotted(node.args[0])}")
        if name == "getattr" and len(node.args) > 1 and isinstance(node.args[1], ast.Constant):
            owner, attribute = self.dotted(node.args[0]), str(node.args[1].value)
            if owner is not None and self.is_module(node.args[0]):
                yield from self.named(f"{owner}.{attribute}", node.lineno)
        for value in [*node.args, *(keyword.value for keyword in node.keywords)]:
            if last in TAKE_DTYPE and isinstance(value, ast.Name) and value.id == "complex":
                yield Finding("derivative", node.lineno, "it computes with complex numbers")

    def is_module(self, node: ast.expr) -> bool:
        """Whether an expression is an imported module, or a part of one, such as np.testing."""
        while isinstance(node, ast.Attribute):
            node = node.value
        return isinstance(node, ast.Name) and node.id in self.known

    def read_assign(self, node: ast.Assign) -> Iterator[Finding]:
        for target in node.targets:
            yield from self.assigned(target)

    def read_augassign(self, node: ast.AugAssign) -> Iterator[Finding]:
        yield from self.assigned(node.target)

    def read_delete(self, node: ast.Delete) -> Iterator[Finding]:
        for target in node.targets:
            yield from self.assigned(target)

    def assigned(self, target: ast.expr) -> Iterator[Finding]:
        if isinstance(target, ast.Subscript):
            target = target.value
            if not (isinstance(target, ast.Attribute) and target.attr == "__dict__"):
                return
        if isinstance(target, ast.Attribute) and self.is_module(target.value):
            yield Finding("replaced", target.lineno, f"it changes {self.dotted(target)}")
        if isinstance(target, ast.Attribute) and target.attr == "__class__":
            yield Finding("disguise", target.lineno, "it changes the class of an object")

    def read_constant(self, node: ast.Constant) -> Iterator[Finding]:
        value = node.value
        if isinstance(value, str) and ATTRIBUTES.get(value) == "interpreter":
            yield Finding("interpreter", node.lineno, f"it names {value}")
        elif isinstance(value, complex):
            yield Finding("derivative", node.lineno, "it computes with complex numbers")
        elif isinstance(value, str | bytes) and len(value) >= LONG_TEXT:
            text = value if isinstance(value, str) else value.decode("latin-1")
            strange = sum(not character.isprintable() and character not in "\n\t" for character in text)
            if NO_WORDS.fullmatch(text) or strange > len(text) // 10:
                yield Finding("obfuscation", node.lineno, f"a text of {len(text):,} characters that is no text")

    def read_list(self, node: ast.List | ast.Tuple | ast.Set | ast.Dict) -> Iterator[Finding]:
        inside = [one for one in ast.walk(node) if one is not node]
        numbers = sum(isinstance(one, ast.Constant) and type(one.value) in (int, float) for one in inside)
        if numbers >= TABLE:
            self.passed_over |= {id(one) for one in inside if not isinstance(one, ast.Constant)}
            yield Finding("table", node.lineno, f"a table of {numbers:,} numbers")

    read_tuple = read_set = read_dict = read_list

    def read_classdef(self, node: ast.ClassDef) -> Iterator[Finding]:
        names = [one for base in node.bases if (one := self.dotted(base) or getattr(base, "attr", None))]
        errors = [one for one in names if one.endswith(("Error", "Exception", "Warning", "Interrupt", "Exit"))]
        if len(errors) > 2:
            yield Finding("disguise", node.lineno, f"{node.name} is {len(errors)} kinds of error at once")
        if {"numpy.ndarray", "ndarray", "numpy.generic", "numpy.float64"} & set(names):
            yield Finding("disguise", node.lineno, f"{node.name} is a kind of array of its own")
        own = [one for one in node.body if isinstance(one, ast.FunctionDef)]
        assigned = [
            (target.id, one.lineno)
            for one in node.body
            if isinstance(one, ast.Assign)
            for target in one.targets
            if isinstance(target, ast.Name)
        ]
        for name, line in [*((one.name, one.lineno) for one in own), *assigned]:
            if name in DISGUISES:
                yield Finding("disguise", line, f"{node.name} has a {name} of its own")
        for one in own:
            if one.name in COMPARISONS and _returns_constant(one):
                yield Finding("disguise", one.lineno, f"{node.name}.{one.name} always gives the same answer")

    def read_functiondef(self, node: ast.FunctionDef) -> Iterator[Finding]:
        yield from _nearby_values(node)

    read_asyncfunctiondef = read_functiondef


def _is_main(test: ast.expr) -> bool:
    """Whether an `if` asks for `__name__ == "__main__"`, which is never so in a package that is imported."""
    return ast.dump(test) == MAIN


def _is_made_of_constants(node: ast.expr) -> bool:
    """Whether an expression makes something of literals and of nothing else: as a name, it is hidden in pieces."""
    nodes = list(ast.walk(node))
    names = {one.id for one in nodes if isinstance(one, ast.Name)}
    own = {name.id for one in nodes if isinstance(one, ast.comprehension) for name in [one.target] if _is_name(name)}
    literals = any(isinstance(one, ast.Constant) for one in nodes)
    return literals and not isinstance(node, ast.Constant | ast.JoinedStr) and names <= own | MAKERS


def _is_name(node: ast.expr) -> bool:
    return isinstance(node, ast.Name)


def _returns_constant(function: ast.FunctionDef) -> bool:
    """Whether a function does nothing but return True, False or a number."""
    body = [one for one in function.body if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))]
    return len(body) == 1 and isinstance(body[0], ast.Return) and isinstance(body[0].value, ast.Constant)


def _nearby_values(function: ast.FunctionDef) -> Iterator[Finding]:
    """Differences of a function's values at nearby places: `x + h`, and a difference divided by the same small `h`; or
    another forward within backward."""
    nodes = list(ast.walk(function))
    steps = {argument for argument, default in _defaults(function) if _small(default)}
    for node in nodes:
        if isinstance(node, ast.Assign) and _small(node.value):
            steps |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    added: dict[str, int] = {}
    divided = set()
    for node in nodes:
        if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Add | ast.Sub):
            step = _step(node.right if isinstance(node, ast.BinOp) else node.value, steps)
            added |= {step: node.lineno} if step else {}
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and _has_difference(node.left):
            divided.add(_step(node.right, steps))
    for step in sorted(divided & added.keys()):
        yield Finding("derivative", added[step], f"differences between values that are {step} apart")
    if function.name.lstrip("_").startswith("backward"):
        for node in nodes:
            again = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "forward"
            if again and any(isinstance(one, ast.BinOp) and isinstance(one.op, ast.Add | ast.Sub) for one in node.args):
                yield Finding("derivative", node.lineno, f"{function.name} calls forward at another place")


def _step(node: ast.expr, steps: set[str]) -> str | None:
    """The small step that an expression is, or is a multiple of."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return _step(node.left, steps) or _step(node.right, steps)
    if isinstance(node, ast.Name) and node.id in steps:
        return node.id
    return str(node.value) if _small(node) else None


def _defaults(function: ast.FunctionDef) -> Iterator[tuple[str, ast.expr]]:
    positional = [*function.args.posonlyargs, *function.args.args]
    values = function.args.defaults
    last = zip(positional[len(positional) - len(values) :], values, strict=True)
    yield from ((argument.arg, value) for argument, value in last)
    named = zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
    yield from ((argument.arg, value) for argument, value in named if value is not None)


def _has_difference(node: ast.expr) -> bool:
    return any(isinstance(one, ast.BinOp) and isinstance(one.op, ast.Sub) for one in ast.walk(node))


def _small(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is float and 0 < abs(node.value) <= SMALL
