"""What one file of the repository imports from another is there, also where only a long command imports the file."""

import ast
import functools

import pytest

from grader.files import REPOSITORY, SOLUTIONS
from grader.source.package import PACKAGE
from grader.source.syntax import parse

FOLDERS = ("bench", "datasets", "docs", "examples", "grader", "proofs", "tests")
APART = {"bodies", "trees", "torch_tree"}  # of packages that stand in the place of the reference's


@functools.cache
def bound(module):
    """The names that a module of the repository binds, at any level; None for a module of others."""
    top = module.partition(".")[0]
    if top not in (*FOLDERS, PACKAGE):
        return None
    base = (SOLUTIONS if top == PACKAGE else REPOSITORY).joinpath(*module.split("."))
    names = {path.stem for path in base.glob("*")}
    for path in (base.with_suffix(".py"), base / "__init__.py"):
        if path.exists():
            nodes = list(ast.walk(parse(path.read_text(encoding="utf-8"))))
            names |= {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
            names |= {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
            names |= {node.asname or node.name for node in nodes if isinstance(node, ast.alias)}
    return names


@pytest.mark.parametrize("folder", FOLDERS)
def test_what_is_imported_is_there(folder):
    missing = []
    for path in sorted((REPOSITORY / folder).rglob("*.py")):
        parts = path.relative_to(REPOSITORY).parts
        for node in ast.walk(parse(path.read_text(encoding="utf-8"))) if not APART & {*parts} else ():
            if isinstance(node, ast.ImportFrom):
                package = parts[: -node.level] if node.level else ()
                names = bound(".".join([*package, *([node.module] if node.module else [])]))
                wanted = [name.name for name in node.names if names is not None and name.name not in names]
                missing += [f"{'/'.join(parts)}:{node.lineno}: {name}" for name in wanted]
    assert missing == []
