"""The grader's rooms: imports run one way, and each room may use only what it needs."""

import ast
import re

import pytest

from grader.files import DOCS, REPOSITORY
from grader.run.image import shipped

GROUND = {"errors", "files", "task_id", "protocol", "sealed"}
# Each room, and what of the grader it may import besides itself. `inside` runs next to a student's code.
MAY_IMPORT = {
    "errors": set(),
    "task_id": set(),
    "command": set(),
    "text": set(),
    "protocol": set(),
    "schema": {"protocol", "task_id"},
    "files": {"errors", "text"},
    "locks": set(),
    "option_types": set(),
    "sealed": {"errors", "files"},
    "history": {"files", "task_id"},
    "last_run": {"files", "source"},
    "source": {"errors", "files", "task_id", "sealed"},
    "course": {"errors", "files", "task_id", "sealed", "source"},
    "inside": {"protocol", "source"},
    "run": GROUND | {"locks", "schema", "source", "course", "inside"},  # a forked worker begins in it
    "verdict": GROUND | {"source", "course"},
    "report": {"protocol", "files", "command", "task_id", "text", "course", "source", "verdict", "explain"},
    "answer_key": GROUND | {"source", "course", "run", "verdict"},
    "grade": {"protocol", "answer_key", "source", "course", "run", "verdict"},
    "explain": GROUND | {"answer_key", "course", "grade", "run", "source", "verdict"},
    "desk": GROUND
    | {"hiding", "text", "command", "source", "course", "run", "inside", "verdict", "answer_key", "grade"}
    | {"explain", "report", "history", "last_run"},
    "loop": GROUND
    | {"text", "command", "source", "course", "run", "verdict", "grade", "explain", "report", "history", "last_run"}
    | {"desk"},
    "practice": GROUND | {"text", "command", "source", "course", "run", "last_run"},
    "classroom": GROUND
    | {"locks", "text", "command", "source", "course", "run", "verdict", "answer_key", "grade", "explain", "report"}
    | {"desk", "inside", "option_types"},
    "environments": {"locks"},
    "hiding": set(),
    "bootstrap": {"environments"},
    "__main__": GROUND
    | {"command", "text", "option_types", "source", "course", "run", "history", "desk", "loop", "practice"}
    | {"classroom"},
    "__init__": set(),
}
FOLDER = REPOSITORY / "grader"
FILES = {path.relative_to(FOLDER).as_posix(): path for path in sorted(FOLDER.rglob("*.py"))}


def imported(name, path):
    """What a file of the grader imports: rooms of the grader, and top-level names of everything else."""
    room = name.split("/")[0].removesuffix(".py")
    rooms, others = set(), set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            others |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level:  # from . and from .module: of its own room
            assert node.level == 1, f"{name}: other rooms are imported by their full names"
            inside = "/" in name
            names = [node.module] if node.module else [alias.name for alias in node.names]
            rooms |= {room} if inside else {each.split(".")[0] for each in names}
        elif isinstance(node, ast.ImportFrom) and node.module.split(".")[0] == "grader":
            names = node.module.split(".")[1:] or [alias.name for alias in node.names]
            rooms.add(names[0])
        elif isinstance(node, ast.ImportFrom):
            others.add(node.module.split(".")[0])
    return rooms - {room}, others


@pytest.mark.parametrize("name", FILES)
def test_a_room_imports_only_what_it_may(name):
    room = name.split("/")[0].removesuffix(".py")
    rooms, others = imported(name, FILES[name])
    assert rooms <= MAY_IMPORT[room]
    if room not in ("run", "desk", "loop", "practice", "classroom", "environments", "bootstrap"):
        assert "subprocess" not in others and "multiprocessing" not in others
    assert others.isdisjoint({"neural_framework", "solutions", "starter", "tests", "proofs"})
    assert "rich" not in others or room in ("report", "desk", "loop")


def test_the_arrows_run_one_way():
    """Following imports never leads back to a room: the table itself has no circle."""
    seen = []

    def visit(room):
        assert room not in seen, " -> ".join([*seen, room])
        seen.append(room)
        for other in MAY_IMPORT[room]:
            visit(other)
        seen.pop()

    for room in MAY_IMPORT:
        visit(room)


def test_the_page_about_the_grader_has_every_room_above_what_it_imports():
    page = (DOCS / "grader.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`.+?`) \| ", page.partition("## The rooms")[2].partition("\n## ")[0], re.MULTILINE)
    places = {room: place for place, row in enumerate(rows) for room in re.findall(r"`(\w+?)(?:/|\.py)`", row)}
    assert places.keys() == MAY_IMPORT.keys() - {"__init__"}
    upwards = [(room, other) for room in places for other in MAY_IMPORT[room] if places[other] < places[room]]
    assert upwards == []


def test_little_has_to_be_shipped_next_to_a_students_code():
    """What inside/ imports, and what that imports in turn."""
    outside = {name for name in shipped() if not name.startswith("inside/") and not name.endswith("__init__.py")}
    source = {"source/package.py", "source/stubs.py", "source/syntax.py"}
    assert outside == {"protocol.py", "task_id.py", "errors.py", *source}


def test_one_door_leads_to_the_reference():
    """Where the course was handed out, there is no solutions/; two more files only ask whether it is there."""
    reading = {name for name, path in FILES.items() if "SOLUTIONS" in path.read_text(encoding="utf-8")}
    assert reading == {"files.py", "source/reference.py", "report/story.py", "__main__.py"}
