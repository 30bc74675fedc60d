"""Puts functions of another text into a file, along with the names that they need: the reference's, or other bodies."""

from __future__ import annotations

import ast
import functools
import textwrap
from collections.abc import Collection, Iterable, Iterator

from .syntax import first_line, functions, imports_begin, lines_of, parse

Function = ast.FunctionDef | ast.AsyncFunctionDef
PAIR = ("forward", "backward")  # of an operation: what one keeps on self, the other needs

# A class that works as the tree's own does, but for one of the pair, which is the reference's: both of the reference's
# work on a shadow of the instance, so that each finds what the other keeps.
TWIN = """

def _twin_of(own, twin, position):
    own_forward = own.forward

    def forward(self, *arrays):
        shadow = object.__new__(twin)
        shadow.__dict__.update(self.__dict__)
        self.__dict__["_shadow"] = shadow
        first, last = (shadow.forward, own_forward.__get__(self))[:: -1 if position == "forward" else 1]
        try:
            first(*arrays)
        except Exception:
            pass
        return last(*arrays)

    def backward(self, grad):
        shadow = self.__dict__["_shadow"]
        shadow.__dict__["inputs"] = self.inputs
        return shadow.backward(grad)

    own.forward = forward
    if position == "backward":
        own.backward = backward


_twin_of({name}, _Twin{name}, {position!r})
"""


class Module:
    """A parsed file: its functions by their dotted names, and what its top level binds."""

    def __init__(self, source: str):
        self.tree = parse(source)
        self.lines = lines_of(source)
        self.functions: dict[str, Function] = dict(functions(self.tree))
        self.classes = {node.name: node for node in self.tree.body if isinstance(node, ast.ClassDef)}
        self.aliases = {
            f"{owner}.{name}": node
            for owner, body in self.classes.items()
            for node in body.body
            if isinstance(node, ast.Assign)
            for name in _names_bound(node)
        }
        self.bound: dict[str, ast.stmt] = {}  # the last statement that binds a name
        for node in _top_level(self.tree.body):
            self.bound.update(dict.fromkeys(_names_bound(node), node))

    def text(self, node: ast.stmt) -> str:
        """A statement's text, decorators included, without its indentation."""
        return textwrap.dedent("".join(self.lines[first_line(node) - 1 : node.end_lineno]))

    def methods(self, name: str) -> dict[str, Function]:
        """The methods of a class by their own names."""
        return {dotted.split(".")[1]: node for dotted, node in self.functions.items() if dotted.startswith(f"{name}.")}


@functools.lru_cache(maxsize=200)
def parsed(source: str) -> Module:
    """The module of a text that parses."""
    return Module(source)


def same_function(one: Function, other: Function) -> bool:
    """Whether two functions are written alike, but for comments, line breaks and docstrings."""
    return _bare(one) == _bare(other)


def has_pair(source: str, name: str) -> bool:
    """Whether a dotted name is forward or backward of a class that defines both."""
    owner, _, method = name.rpartition(".")
    return method in PAIR and all(f"{owner}.{each}" in parsed(source).functions for each in PAIR)


def transplanted(source: str, other: str, names: Collection[str] | None = None, twins: Collection[str] = ()) -> str:
    """`source` with functions of `other`, by their dotted names, in the place of its own or added to it.

    names: None means all that both have. twins: forwards and backwards whose partner in `source` keeps other attributes
    than that in `other`.
    """
    own, new = parsed(source), parsed(other)
    if names is None:
        names = [name for name in new.functions if name in own.functions]
        if not names:
            raise ValueError("no function of the new text is one of the old")
    return _Transplant(own, new).text(names, twins)


class _Transplant:
    def __init__(self, own: Module, other: Module):
        self.own, self.other = own, other
        self.imports: list[str] = []
        self.added: dict[str, str] = {}  # statements of the other's top level, by the names that they bind
        self.methods: dict[str, list[str]] = {}  # texts to add to classes
        self.lent: set[str] = set()

    def text(self, names: Collection[str], twins: Collection[str]) -> str:
        """The file with the functions in it."""
        edits = []  # first line, last line, text
        for name in names:
            new = self.other.text(self.other.functions[name])
            old = self.own.functions.get(name)
            if old is not None:
                edits.append((first_line(old), old.end_lineno, textwrap.indent(new, self._indent(old), _filled)))
            elif "." in name:
                self.methods.setdefault(name.split(".")[0], []).append(new)
            else:
                self.added[name] = new
            self.lend(self.other.functions[name], name.rpartition(".")[0], names)
        ends = [self._twin(name) for name in twins]
        for owner, texts in self.methods.items():
            node = self.own.classes.get(owner)
            if node is None:
                self.added.setdefault(owner, self.other.text(self.other.classes[owner]))
                continue
            if node.body[0].lineno == node.lineno:  # `class A: x = 1`
                head = self.own.text(node).rstrip("\n").replace(":", ":\n    ", 1)
                inner = "".join(textwrap.indent(f"\n{text}", "    ", _filled) for text in texts)
                edits.append((first_line(node), node.end_lineno, f"{head}\n{inner}"))
                continue
            inner = "".join(textwrap.indent(f"\n{text}", self._indent(node.body[0]), _filled) for text in texts)
            edits.append((node.end_lineno + 1, node.end_lineno, inner))
        lines = list(self.own.lines)
        if lines and not lines[-1].endswith("\n"):
            lines[-1] += "\n"
        for first, last, new in sorted(edits, reverse=True):
            lines[first - 1 : last] = [new if new.endswith("\n") else f"{new}\n"]
        line = imports_begin(self.own.tree)
        lines[line:line] = [f"{one}\n" for one in self.imports]
        return "".join([*lines, *(f"\n\n{text}" for text in self.added.values()), *ends])

    def _indent(self, node: ast.stmt) -> str:
        """The blanks before a statement, tabs among them."""
        line = self.own.lines[first_line(node) - 1]
        return line[: len(line) - len(line.lstrip())]

    def lend(self, node: ast.AST, owner: str, taken: Collection[str] = ()) -> None:
        """Add what a piece of the other text needs and the file does not have."""
        for name in sorted({each.id for each in ast.walk(node) if isinstance(each, ast.Name)}):
            statement = self.other.bound.get(name)
            if statement is None or name in self.own.bound or name in self.lent:
                continue
            self.lent.add(name)
            if isinstance(statement, ast.Import | ast.ImportFrom):
                self.imports.append(_import_of(statement, name))
            else:
                self.added.setdefault(name, self.other.text(statement))
                self.lend(statement, "")
        if not owner or owner not in self.own.classes:
            return
        ours, theirs = self.own.methods(owner), self.other.methods(owner)
        for name in sorted({each.attr for each in ast.walk(node) if isinstance(each, ast.Attribute)}):
            dotted = f"{owner}.{name}"
            if name in theirs and name not in ours and dotted not in taken and dotted not in self.lent:
                self.lent.add(dotted)
                self.methods.setdefault(owner, []).append(self.other.text(theirs[name]))
                self.lend(theirs[name], owner)

    def _twin(self, name: str) -> str:
        """The text that makes a class the twin of its reference, but for the partner of one method."""
        owner, _, position = name.rpartition(".")
        ours, theirs = self.own.methods(owner), self.other.methods(owner)
        taken = [node for method, node in theirs.items() if method in PAIR or method not in ours]
        for node in taken:
            self.lend(node, "")
        body = "\n".join(textwrap.indent(self.other.text(node), "    ", _filled) for node in taken)
        values = {"{name}": owner, "{position!r}": repr(position)}
        made = functools.reduce(lambda text, pair: text.replace(*pair), values.items(), TWIN)
        return f"\n\nclass _Twin{owner}({owner}):\n{body}\n{made}"


def _filled(line: str) -> bool:
    return bool(line.strip())


@functools.lru_cache(maxsize=2_000)  # every check that is traced asks for most of a file's functions again
def _bare(node: Function) -> str:
    """A function's syntax without its docstring."""
    body = node.body[ast.get_docstring(node, clean=False) is not None :]
    return ast.dump(ast.Module([*body, node.args, *node.decorator_list], []))


def _top_level(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that run when a module is imported, those in `if` and `try` among them."""
    for node in body:
        yield node
        if not isinstance(node, Function | ast.ClassDef):
            for block in ("body", "orelse", "finalbody"):
                yield from _top_level(getattr(node, block, []))
            for handler in getattr(node, "handlers", []):
                yield from _top_level(handler.body)


def _names_bound(node: ast.stmt) -> list[str]:
    """The names that a statement binds."""
    if isinstance(node, Function | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [(alias.asname or alias.name).split(".")[0] for alias in node.names]
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        return [each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)]
    return []


def _import_of(node: ast.Import | ast.ImportFrom, name: str) -> str:
    """The import of one name alone."""
    aliases = [alias for alias in node.names if (alias.asname or alias.name).split(".")[0] == name]
    if isinstance(node, ast.Import):
        return ast.unparse(ast.Import(aliases))
    return ast.unparse(ast.ImportFrom(node.module, aliases, node.level))
