"""The rooms of the reference import in one straight line, never inside a function; operations see arrays alone.

An elective's rooms come after those that count, next to each other: no room but its own imports from it.
"""

import ast

import pytest

from grader.course.milestones import course
from grader.files import SOLUTIONS
from grader.source.package import read_source, source_files

LINE = [*dict.fromkeys(room for one in course() if not one.elective for room in one.rooms), "explorer"]
ELECTIVES = {room: one.rooms[: one.rooms.index(room)] for one in course() if one.elective for room in one.rooms}
FILES = {name: path for name, path in source_files(SOLUTIONS).items() if name.count("/") > 1 or "errors" in name}


def imported_rooms(name: str, tree: ast.Module) -> set[str]:
    """The rooms of the package that a file imports from."""
    depth = name.count("/")  # how many packages the file is inside of
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level == depth:
            names = [node.module] if node.module else [alias.name for alias in node.names]
            found |= {name.split(".")[0] for name in names}
    return found


@pytest.mark.parametrize("name", FILES)
def test_a_room_imports_only_from_rooms_before_it(name):
    room = name.split("/")[1].removesuffix(".py")
    before = LINE[: LINE.index(room)] if room in LINE else [*LINE[:-1], *ELECTIVES[room]]
    assert imported_rooms(name, ast.parse(read_source(FILES[name]))) <= set(before)


@pytest.mark.parametrize("name", FILES)
def test_imports_stand_at_the_top(name):
    tree = ast.parse(read_source(FILES[name]))
    nested = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert nested == [node.lineno for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    assert all(
        isinstance(node, ast.ImportFrom) or node.names[0].name.split(".")[0] != "neural_framework"
        for node in tree.body
        if isinstance(node, ast.Import | ast.ImportFrom)
    )


@pytest.mark.parametrize("name", FILES)
def test_an_underscore_marks_what_belongs_to_a_class_alone(name):
    """A room's `__all__` says what is public in it, so names at the top level of a file need no underscore."""
    body = ast.parse(read_source(FILES[name])).body
    defined = [node.name for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    assigned = [target.id for node in body if isinstance(node, ast.Assign) for target in node.targets]
    assert [one for one in defined + assigned if one.startswith("_") and one != "__all__"] == []


def test_an_operation_never_reads_its_inputs():
    """Only Operation itself does, in needs_grad: the other operations compute with the arrays that forward kept."""
    operations = [name for name in FILES if "/operations/" in name or name.endswith("loss_operations.py")]
    readers = {
        name.rpartition("/")[2]
        for name in operations
        for node in ast.walk(ast.parse(read_source(FILES[name])))
        if isinstance(node, ast.Attribute) and node.attr in ("inputs", "requires_grad")
    }
    assert readers == {"base.py"}
