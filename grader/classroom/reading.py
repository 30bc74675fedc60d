"""Reads a module for what no exercise asks for, by its syntax tree alone: nothing of it is run."""

from __future__ import annotations

import ast
import collections
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from grader.inside.everyday import HARMLESS, PARTLY
from grader.source.package import PACKAGE

from .nearby import Function, nearby_values, small_names
from .words import (
    ARRAYS,
    ATTRIBUTES,
    AUTOGRAD,
    CALLS,
    COMPARISONS,
    COMPLEX,
    COURSE,
    DISGUISES,
    KINDS,
    NAMES,
    WATCHED,
)

TABLE = 60  # numbers in one literal; the reference's largest has a sixth of it
MANY = 100  # different numbers in a file; the reference's most have an eighth of it
DIGITS = 100  # of one number
LONG_TEXT = 200  # characters without a space
# What the depths of all nodes may add up to, as reading takes so long: so much, and so much a byte. The reference: 1.6.
DEPTHS, DEPTHS_A_BYTE = 50_000, 5
NO_WORDS = re.compile(r"[A-Za-z0-9+/=_\-\\%:,.]*")
LETTERS = 3  # characters or bytes of a literal that is decoded as a letter: too few to hide a call in
DECODERS = {"b64decode", "b85decode", "a85decode", "b32decode", "b16decode", "fromhex", "unhexlify", "decompress"}
NAMED_BY = {"getattr", "setattr", "delattr", "hasattr", "__import__", "importlib.import_module", "exec", "eval", "open"}
NUMBER = re.compile(r"[-+]?\d+(\.\d*)?(e[-+]?\d+)?", re.IGNORECASE)
NAME_IN_TEXT = re.compile(r"[A-Za-z_]\w*")
TAKE_DTYPE = {"array", "asanyarray", "asarray", "astype", "dtype", "empty", "empty_like", "full", "full_like", "ones",
              "ones_like", "promote_types", "result_type", "view", "zeros", "zeros_like"}  # fmt: skip
DISPLAYS = ast.List | ast.Tuple | ast.Set | ast.Dict
ASK_TYPE = {"isinstance", "issubclass", "numpy.issubdtype"}
MAIN = [ast.dump(ast.parse(test, mode="eval").body) for test in ('__name__ == "__main__"', '"__main__" == __name__')]
CHANGE = {"update", "setdefault", "pop", "clear", "__setitem__", "__delitem__"}  # a mapping
SET = {"setattr", "delattr", "__setattr__", "__delattr__"}
APPLY = {"map", "functools.partial", "numpy.frompyfunc", "numpy.vectorize"}  # a function that is their argument
ROOTS = ("numpy.emath.", "numpy.lib.scimath.")  # these give complex numbers for negative ones
LONGEST_NAME = max(name.count(".") for name in NAMES) + 1
MAKERS = {"bytearray", "bytes", "chr", "int", "list", "map", "range", "reversed", "str"}


@dataclass(frozen=True)
class Finding:
    """Something to mark: its kind, its line, and what it is. whole: it is the file's, and its line is the first."""

    kind: str
    line: int
    what: str
    whole: bool = False


def findings(module: ast.Module, size: int) -> Iterator[Finding]:
    """What a module contains. size: bytes of its text."""
    nodes, depths = _nodes(module)
    if depths > DEPTHS + DEPTHS_A_BYTE * size:
        yield Finding("size", 1, "it is nested so deep that it was not read for these marks", whole=True)
        return
    reader = _Reader(module, nodes)
    numbers = set()
    for node in nodes:
        read = getattr(reader, f"read_{type(node).__name__.lower()}", None)
        if id(node) not in reader.passed_over:
            yield from read(node) if read is not None else ()
            numbers |= {node.value} if isinstance(node, ast.Constant) and type(node.value) in (int, float) else set()
    if len(numbers) >= MANY:
        yield Finding("table", 1, f"{len(numbers):,} different numbers in this file", whole=True)


def _nodes(module: ast.Module) -> tuple[list[ast.AST], int]:
    """All nodes, outer ones first, and the sum of their depths."""
    nodes: list[ast.AST] = []
    depth, depths, level = 0, 0, [module]
    while level:
        nodes += level
        depths += depth * len(level)
        depth, level = depth + 1, [child for node in level for child in ast.iter_child_nodes(node)]
    return nodes, depths


class _Reader:
    """What there is to find at each kind of node. Names are followed through imports, not through assignments."""

    def __init__(self, module: ast.Module, nodes: list[ast.AST]):
        self.known: dict[str, str] = {}  # what a name stands for, if it was imported
        self.passed_over: set[int] = set()  # nodes
        self.docstrings: set[int] = set()  # nodes
        bound = collections.Counter(name for node in nodes for name in _bound(node))
        self.bound = set(bound)
        self.builtins = WATCHED.difference(bound)  # names that still mean what Python means by them
        self.turned = set(self.bound)  # names that stand for sines and cosines, in one complex number
        self.small = small_names(nodes)
        given = [node for node in nodes if isinstance(node, ast.Assign) and _is_negative(node.value)]
        targets = {target.id for node in given for target in node.targets if isinstance(target, ast.Name)}
        self.negative = {name for name in targets if bound[name] == 1}  # names of numbers below zero
        for node in nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    root = alias.name.split(".")[0]
                    self.known[alias.asname or root] = alias.name if alias.asname else root
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                self.known |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
            elif isinstance(node, ast.If) and _is_main(node.test):
                self.passed_over |= {id(inner) for inner in ast.walk(node.test)}
                if node in module.body and "__name__" not in bound:  # what a student tries out
                    self.passed_over |= {id(inner) for one in node.body for inner in ast.walk(one)}
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.body:
                first = node.body[0]
                if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                    self.docstrings.add(id(first.value))
        for node in nodes:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name | ast.Attribute):
                names = [one.id for one in node.targets if isinstance(one, ast.Name) and bound[one.id] == 1]
                if self.is_module(node.value):  # another name of it
                    self.known |= dict.fromkeys(names, self.dotted(node.value))
        self._keep_turns(nodes, bound)

    def _keep_turns(self, nodes: list[ast.AST], bound: Mapping[str, int]) -> None:
        """Leave in `turned`, which begins with all names, those that are turns wherever they get a value."""
        counts: collections.Counter[str] = collections.Counter()
        made_of: dict[str, list[str]] = {}  # from a name to those that are turns only where it is one
        for node in nodes:
            factors = self.factors(node.value) if isinstance(node, ast.Assign) else None
            if factors is not None:
                targets = [target.id for target in node.targets if isinstance(target, ast.Name)]
                counts.update(targets)
                for name in factors:
                    made_of.setdefault(name, []).extend(targets)
        lost = [name for name in bound if bound[name] != counts[name]]
        lost += made_of.keys() - self.turned
        while lost:
            name = lost.pop()
            self.turned.discard(name)
            lost += made_of.pop(name, ())

    def is_turn(self, node: ast.expr) -> bool:
        """Whether an expression is `exp(1j * angle)`, the cosine and sine of an angle, or one turn after another."""
        factors = self.factors(node)
        return factors is not None and factors <= self.turned

    def factors(self, node: ast.expr) -> set[str] | None:
        """The names that must be turns where an expression is to be one; None where it can't be one."""
        if isinstance(node, ast.Name):
            return {node.id}
        if isinstance(node, ast.BinOp):
            left = self.factors(node.left) if isinstance(node.op, ast.Mult) else None
            right = self.factors(node.right) if left is not None else None
            return None if left is None or right is None else left | right
        if not isinstance(node, ast.Call):
            return None
        if isinstance(node.func, ast.Attribute) and node.func.attr == "astype":
            return self.factors(node.func.value)
        name = self.dotted(node.func)
        if name == "numpy.ones_like":
            return self.factors(node.args[0]) if node.args else None
        is_made = name in ("numpy.exp", "cmath.exp") and len(node.args) == 1 and _imaginary_factors(node.args[0])
        return set() if is_made else None

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
        if node.module not in PARTLY:
            yield from self.imported(node.module, node.lineno)
        for alias in node.names:
            yield from self.named(f"{node.module}.{alias.name}", node.lineno)

    def imported(self, module: str, line: int) -> Iterator[Finding]:
        root, kind = module.split(".")[0], _kind_of(module)
        if kind is None:
            if module in PARTLY or module == "os.path" or root in HARMLESS or root == "numpy":
                return
            kind = "course" if root in COURSE else "autograd" if root in AUTOGRAD else KINDS.get(root, "import")
        yield Finding(kind, line, f"it imports {module}")

    def named(self, name: str, line: int) -> Iterator[Finding]:
        """A name of a module of which not all names are harmless, or one that is of interest itself."""
        root, _, rest = name.partition(".")
        kind, inner = _kind_of(name), _module_within(name)
        if kind is not None:
            yield Finding(kind, line, f"it uses {name}")
        elif root in PARTLY and rest and rest.split(".")[0] not in PARTLY[root]:
            yield Finding(KINDS[root], line, f"it uses {root}.{rest.split('.')[0]}")
        elif inner is not None:
            yield Finding(KINDS.get(inner, "course"), line, f"it reaches {inner} by way of {root}")

    def read_attribute(self, node: ast.Attribute) -> Iterator[Finding]:
        name, line = self.dotted(node), node.end_lineno or node.lineno  # where its last name is
        if name is not None:
            yield from self.named(name, line)
        if node.attr in ATTRIBUTES and not (node.attr == "imag" and self.is_turn(node.value)):
            yield Finding(ATTRIBUTES[node.attr], line, f"it uses .{node.attr}")
        if not isinstance(node.ctx, ast.Load):
            if self.is_of_others(node.value):
                yield Finding("replaced", line, f"it changes {name}")
            if node.attr in DISGUISES:
                yield Finding("disguise", line, f"it changes the {node.attr} of an object")

    def read_subscript(self, node: ast.Subscript) -> Iterator[Finding]:
        if not isinstance(node.ctx, ast.Load) and self.is_namespace(node.value):
            yield Finding("replaced", node.lineno, f"it changes {self.dotted(node.value.value)}")

    def is_namespace(self, node: ast.expr) -> bool:
        """Whether an expression is `module.__dict__`."""
        return isinstance(node, ast.Attribute) and node.attr == "__dict__" and self.is_module(node.value)

    def read_name(self, node: ast.Name) -> Iterator[Finding]:
        name = self.known.get(node.id, node.id)
        if name in NAMES:
            yield Finding(NAMES[name], node.lineno, f"it uses {name}")
        elif name in self.builtins and isinstance(node.ctx, ast.Load):
            yield Finding(CALLS[name], node.lineno, f"it uses {name}")

    def read_call(self, node: ast.Call) -> Iterator[Finding]:
        name = self.dotted(node.func) or ""
        if self.is_turn(node):
            self.pass_over_types(node.args)
            self.passed_over |= {id(factor) for one in node.args for factor in _imaginary_factors(one)}
        if name == "numpy.imag" and len(node.args) == 1 and self.is_turn(node.args[0]):
            self.passed_over.add(id(node.func))
        if name in ASK_TYPE:
            self.pass_over_types(node.args)
        kind = CALLS.get(name)
        if kind and name not in WATCHED:
            yield Finding(kind, node.lineno, f"it calls {name}()")
        last = node.func.attr if isinstance(node.func, ast.Attribute) else name
        if name.startswith(ROOTS) and any(map(_is_negative, node.args)):
            yield Finding("derivative", node.lineno, "it computes with complex numbers")
        if last in DECODERS or (last == "decode" and _is_made_of_constants(node) and not _is_of_letters(node)):
            yield Finding("obfuscation", node.lineno, f"it decodes a text ({last})")
        if last == "frombuffer" and node.args and isinstance(node.args[0], ast.Constant):
            yield Finding("table", node.lineno, "numbers from a literal of bytes")
        if name in NAMED_BY and any(_is_made_of_constants(one) for one in node.args):
            yield Finding("obfuscation", node.lineno, f"a name for {name}() that is put together from pieces")
        if (last in SET or name == "vars") and node.args and self.is_of_others(node.args[0]):
            yield Finding("replaced", node.lineno, f"it changes {self.dotted(node.args[0])}")
        if last in CHANGE and isinstance(node.func, ast.Attribute) and self.is_namespace(node.func.value):
            yield Finding("replaced", node.lineno, f"it changes {self.dotted(node.func.value.value)}")
        if last in SET and len(node.args) > 1 and _text_of(node.args[1]) in DISGUISES:
            yield Finding("disguise", node.lineno, f"it changes the {_text_of(node.args[1])} of an object")
        if name in ("getattr", "vars", "dir") and node.args and self.dotted(node.args[0]) in ("type", "object"):
            yield Finding("interpreter", node.lineno, f"it looks into {self.dotted(node.args[0])}")
        if name == "type" and len(node.args) == 3:
            yield from self.made_class(node)
        if any(keyword.arg == "capture_locals" for keyword in node.keywords):
            yield Finding("interpreter", node.lineno, "it reads the variables of running functions")
        if name == "getattr" and len(node.args) > 1 and isinstance(node.args[1], ast.Constant):
            owner, attribute = self.dotted(node.args[0]), str(node.args[1].value)
            if owner is not None and self.is_module(node.args[0]):
                yield from self.named(f"{owner}.{attribute}", node.lineno)
        dtypes = [keyword.value for keyword in node.keywords if keyword.arg == "dtype"]
        if last in TAKE_DTYPE:
            dtypes += [*node.args, *(keyword.value for keyword in node.keywords)]
        applied = node.args[:1] if name in APPLY else []
        root = name in ("pow", "operator.pow") and len(node.args) == 2 and self.is_root(*node.args)
        if root or any(self.dotted(one) == "complex" or _text_of(one) in COMPLEX for one in [*dtypes, *applied]):
            yield Finding("derivative", node.lineno, "it computes with complex numbers")

    def is_complex(self, node: ast.expr) -> bool:
        """Whether an expression is Python's complex, or a text that names a complex dtype."""
        text = _text_of(node) or ""
        return (self.dotted(node) == "complex" and "complex" not in self.bound) or (text in COMPLEX and len(text) > 2)

    def is_module(self, node: ast.expr) -> bool:
        """Whether an expression is an imported module, or a part of one, such as np.testing."""
        while isinstance(node, ast.Attribute):
            node = node.value
        return isinstance(node, ast.Name) and node.id in self.known

    def is_of_others(self, node: ast.expr) -> bool:
        """The same, and none of the package itself, whose classes may get their methods from other files of it."""
        return self.is_module(node) and (self.dotted(node) or "").partition(".")[0] != PACKAGE

    def is_root(self, node: ast.expr, exponent: ast.expr) -> bool:
        """Whether this power of a number below zero, or of the name of one, is complex."""
        negative = _is_negative(node) or (isinstance(node, ast.Name) and node.id in self.negative)
        return negative and isinstance(getattr(exponent, "value", None), float)

    def read_assign(self, node: ast.Assign) -> Iterator[Finding]:
        if self.is_complex(node.value):
            yield Finding("derivative", node.lineno, "it computes with complex numbers")
        for target in node.targets:
            if isinstance(target, ast.Attribute):
                yield from self.member("a class", target.attr, node.value, target.lineno)

    def read_matchclass(self, node: ast.MatchClass) -> Iterator[Finding]:
        for name in node.kwd_attrs:
            if name in ATTRIBUTES:
                yield Finding(ATTRIBUTES[name], node.end_lineno or node.lineno, f"it uses .{name}")

    def read_binop(self, node: ast.BinOp) -> Iterator[Finding]:
        name = _joined(node)
        if name is not None and (name in ATTRIBUTES or name in DISGUISES):
            yield Finding("obfuscation", node.lineno, f"{name}, put together from pieces")
        if isinstance(node.op, ast.Pow) and self.is_root(node.left, node.right):
            yield Finding("derivative", node.lineno, "it computes with complex numbers")

    def read_constant(self, node: ast.Constant) -> Iterator[Finding]:
        value = node.value
        if isinstance(value, str | bytes):
            text = value if isinstance(value, str) else value.decode("latin-1")
            words = text.split() if len(text) >= TABLE else []
            numbers = sum(NUMBER.fullmatch(word.strip(",;[](){}")) is not None for word in words)
            if numbers >= max(TABLE, len(words) // 2):
                yield Finding("table", node.lineno, f"a text of {numbers:,} numbers")
            elif id(node) not in self.docstrings:
                yield from self.text(text, isinstance(value, bytes), node.lineno)
        elif isinstance(value, complex):
            yield Finding("derivative", node.lineno, "it computes with complex numbers")
        elif type(value) is int and value.bit_length() > DIGITS * 10 // 3:
            yield Finding("table", node.lineno, f"a number of more than {DIGITS} digits")

    def text(self, text: str, is_bytes: bool, line: int) -> Iterator[Finding]:
        """A text that is none, or that names what is inside of Python."""
        if len(text) >= LONG_TEXT:
            strange = sum(not character.isprintable() and character not in "\n\t" for character in text)
            letters = sum(map(str.isalpha, text))
            in_one = len(text.split()) == 1 and (text.isascii() or letters < len(text) // 2)
            if NO_WORDS.fullmatch(text) or strange > len(text) // 10 or in_one:
                yield Finding("obfuscation", line, f"a text of {len(text):,} characters that are not prose")
        elif is_bytes and len(text) >= TABLE:
            yield Finding("table", line, f"a literal of {len(text):,} bytes")
        elif " " not in text:  # a name, names with dots between them, or a format
            for name in [*NAME_IN_TEXT.findall(text), *NAME_IN_TEXT.findall(text[::-1])]:
                if ATTRIBUTES.get(name) == "interpreter" or name == "__main__":
                    yield Finding("interpreter", line, f"it names {name}")
                    return

    def read_compare(self, node: ast.Compare) -> Iterator[Finding]:
        self.pass_over_types([node.left, *node.comparators])
        return iter(())

    def pass_over_types(self, nodes: list[ast.expr]) -> None:
        """Complex types, alone or in a tuple: to ask for one, as who refuses complex data does, is not to use it."""
        for node in nodes:
            for one in node.elts if isinstance(node, ast.Tuple) else [node]:
                if NAMES.get(self.dotted(one)) == "derivative":
                    self.passed_over.add(id(one))

    def read_list(self, node: ast.List | ast.Tuple | ast.Set | ast.Dict) -> Iterator[Finding]:
        inside = [one for one in ast.walk(node) if one is not node]
        numbers = sum(isinstance(one, ast.Constant) and type(one.value) in (int, float) for one in inside)
        self.passed_over |= {id(one) for one in inside if isinstance(one, DISPLAYS)}  # they have fewer
        if numbers >= TABLE:
            self.passed_over |= {id(one) for one in inside if not isinstance(one, ast.Constant)}
            yield Finding("table", node.lineno, f"a table of {numbers:,} numbers")

    read_tuple = read_set = read_dict = read_list

    def read_classdef(self, node: ast.ClassDef) -> Iterator[Finding]:
        members: list[tuple[str, ast.AST, int]] = []
        for one in node.body:
            if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef):
                members.append((one.name, one, one.lineno))
            elif isinstance(one, ast.Assign | ast.AnnAssign) and one.value is not None:
                targets = one.targets if isinstance(one, ast.Assign) else [one.target]
                members += [(target.id, one.value, one.lineno) for target in targets if isinstance(target, ast.Name)]
        yield from self.bases(node.name, node.bases, node.lineno)
        for name, value, line in members:
            yield from self.member(node.name, name, value, line)

    def made_class(self, node: ast.Call) -> Iterator[Finding]:
        """A class that is made by type(name, bases, members)."""
        _, bases, members = node.args
        yield from self.bases("a class", bases.elts if isinstance(bases, ast.Tuple) else [], node.lineno)
        if isinstance(members, ast.Dict):
            for key, value in zip(members.keys, members.values, strict=True):
                yield from self.member("a class", _text_of(key) or "", value, value.lineno)

    def bases(self, owner: str, bases: Sequence[ast.expr], line: int) -> Iterator[Finding]:
        """What a class is a kind of."""
        names = [one for base in bases if (one := self.dotted(base) or getattr(base, "attr", None))]
        errors = [one for one in names if one.endswith(("Error", "Exception", "Warning", "Interrupt", "Exit"))]
        if len(errors) > 2:
            yield Finding("disguise", line, f"{owner} is {len(errors)} kinds of error at once")
        if any(one.removeprefix("numpy.") in ARRAYS for one in names):
            yield Finding("disguise", line, f"{owner} is a kind of array of its own")

    def member(self, owner: str, name: str, value: ast.AST, line: int) -> Iterator[Finding]:
        """What a class has."""
        if name in DISGUISES:
            yield Finding("disguise", line, f"{owner} has a {name} of its own")
        elif name in COMPARISONS and _gives_the_same(value):
            yield Finding("disguise", line, f"{owner}.{name} always gives the same answer")

    def read_functiondef(self, node: ast.FunctionDef) -> Iterator[Finding]:
        inside = list(ast.walk(node))
        self.passed_over |= {id(one) for one in inside if isinstance(one, Function)}  # they are read with this one
        for line, what in nearby_values(inside, self.small):
            yield Finding("derivative", line, what)

    read_asyncfunctiondef = read_lambda = read_functiondef


def _is_main(test: ast.expr) -> bool:
    """Whether an `if` asks for `__name__ == "__main__"`, which is never so in a package that is imported."""
    return ast.dump(test) in MAIN


def _kind_of(name: str) -> str | None:
    """The kind of a name of interest, or of what it is a part of."""
    parts = name.split(".")
    most = min(len(parts), LONGEST_NAME)
    return next((kind for count in range(most, 0, -1) if (kind := NAMES.get(".".join(parts[:count])))), None)


def _module_within(name: str) -> str | None:
    """A module of interest that is reached through a module that imports it, as in random._os."""
    root, *parts = name.split(".")
    if root not in HARMLESS | PARTLY.keys() | {"numpy"}:
        return None
    modules = {"builtins", "ctypes", "os", "sys"} if root == "numpy" else PARTLY.keys() | KINDS.keys() | COURSE
    return next((inner for part in parts if (inner := part.lstrip("_")) in modules), None)


def _bound(node: ast.AST) -> Iterator[str]:
    """The names that a node gives a value."""
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        yield node.id
    elif isinstance(node, ast.arg):
        yield node.arg
    elif isinstance(node, ast.alias):
        yield node.asname or node.name.split(".")[0]
    elif isinstance(node, ast.MatchMapping):
        yield node.rest or ""
    elif isinstance(
        node,
        ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.ExceptHandler | ast.MatchAs | ast.MatchStar,
    ):
        yield node.name or ""


def _is_negative(node: ast.expr) -> bool:
    """Whether an expression is a literal number below zero."""
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant)


def _text_of(node: ast.AST | None) -> str | None:
    """The text that a literal is."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _joined(node: ast.expr) -> str | None:
    """The text that a sum of literals is."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _joined(node.left), _joined(node.right)
        return left + right if left is not None and right is not None else None
    return _text_of(node)


def _is_made_of_constants(node: ast.expr) -> bool:
    """Whether an expression makes something of literals and of nothing else: as a name, it is hidden in pieces."""
    nodes = list(ast.walk(node))
    names = {one.id for one in nodes if isinstance(one, ast.Name)}
    own = {name.id for one in nodes if isinstance(one, ast.comprehension) for name in [one.target] if _is_name(name)}
    literals = any(isinstance(one, ast.Constant) for one in nodes)
    if isinstance(node, ast.JoinedStr):
        literals = any(isinstance(one, ast.FormattedValue) for one in node.values)
    return literals and not isinstance(node, ast.Constant) and names <= own | MAKERS


def _is_of_letters(decoded: ast.Call) -> bool:
    """Whether a call of decode, as those who write tokenizers make it, is of too few letters for a name, or of all
    letters in their order."""
    node = getattr(decoded.func, "value", None)
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "encode":
        node = node.func.value
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str | bytes) and len(node.value) <= LETTERS
    given = node.args[0] if isinstance(node, ast.Call) and len(node.args) == 1 else None
    called = given.func if isinstance(given, ast.Call) and len(given.args) <= 2 else None
    return [getattr(one, "id", "") for one in (getattr(node, "func", None), called)] == ["bytes", "range"]


def _imaginary_factors(node: ast.expr) -> list[ast.expr]:
    """The complex constants that an expression is a multiple of."""
    if isinstance(node, ast.UnaryOp):
        return _imaginary_factors(node.operand)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return _imaginary_factors(node.left) + _imaginary_factors(node.right)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        return _imaginary_factors(node.left)
    return [node] if isinstance(node, ast.Constant) and isinstance(node.value, complex) else []


def _is_name(node: ast.expr) -> bool:
    return isinstance(node, ast.Name)


def _gives_the_same(function: ast.AST) -> bool:
    """Whether a function gives one literal, whatever it is asked."""
    if isinstance(function, ast.Lambda):
        given = [function.body]
    else:
        given = [one.value for one in ast.walk(function) if isinstance(one, ast.Return) and one.value is not None]
    literals = [one.operand if isinstance(one, ast.UnaryOp) else one for one in given]
    return len({ast.dump(one) for one in given}) == 1 and all(isinstance(one, ast.Constant) for one in literals)
