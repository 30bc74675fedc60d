"""What a tree does that no exercise asks for is noted, with its line; right trees leave no note."""

import pytest

from grader.course.milestones import checks_of, course, find_task
from grader.grade import grade
from grader.inside.audit import ANYWHERE, DIRECT, OF_SYS
from grader.protocol import NOTES, NOTES_OF_AN_EVENT
from grader.run.fork_server import forked
from grader.run.launch import fresh
from tests.trees import replace_body

FILE = "operations/broadcasting.py"
SEE = "[one for one in object.__subclasses__() if one.__name__ == 'See'][0]"
REST = "\nreturn np.broadcast_shapes(shape1, shape2)"


def notes_of(tree, *tasks):
    notes = []
    grade(tree, checks_of(tasks or [find_task("1.2")]), launch=forked, notes=notes).finish()
    return notes


# The old function stays under another name, in its place, and another follows at the end.
OUT_OF_ORDER = """own = vars(json)
held = list(own.items())
own.clear()
own.update({"kept" if name == "load" else name: one for name, one in held})
own["load"] = print"""


def test_the_reference_leaves_no_note(tree):
    assert notes_of(tree, *(task for milestone in course() for task in milestone.exercises)) == []


@pytest.mark.parametrize(
    ("body", "event", "detail"),
    [
        ("open('/etc/passwd').close()", "open", "/etc/passwd, r"),
        ("open(__file__, 'a').close()", "open", f"tree/neural_framework/{FILE}, a"),
        ("open(f'/proc/{__import__(chr(111) + chr(115)).getppid()}/cmdline').close()", "open", "/proc/PID/cmdline, r"),
        ("import os\nos.listdir('/')", "os.listdir", "/"),
        ("import os\nif os.fork() == 0:\n    os._exit(0)", "os.fork", ""),
        ("import sys\nsys._getframe(1)", "sys._getframe", ""),
        ("import gc\ngc.get_objects()", "gc.get_objects", ""),
        ("exec('1')", "exec", ""),
        ("import smtplib", "import", "smtplib"),
        ("import numpy\nnumpy.sum = max", "changed", "numpy.sum"),
        ("import numpy\ndel numpy.sum\nnumpy.sum = max", "changed", "numpy.sum"),
        ("import json\ndel json.load", "changed", "json.load"),
        ("import json\nlast = [*vars(json)][-1]\ndelattr(json, last)", "changed", "json."),
        (f"import json\n{OUT_OF_ORDER}", "changed", "json.load"),
        (f"{SEE}.silent = None", "changed", "See.silent"),
        (f"{SEE}._record = property(lambda see: print, lambda *_: None)", "changed", "See._record"),
        (f"import gc\n[one for one in gc.get_objects() if type(one) is {SEE}][0].true = print", "changed", "See.true"),
        ("import subprocess\nsubprocess.run(['true'])", "subprocess.Popen", "true"),
        ("np.load('/etc/hostname.npy') if False else np.fromfile('/etc/passwd', np.uint8)", "open", "/etc/passwd"),
        ("import io, pickle\npickle.load(io.BytesIO(b'cbuiltins\\nabs\\n.'))", "pickle.find_class", "builtins, abs"),
        ("import io, pickle\npickle._loads(b'cbuiltins\\nabs\\n.')", "pickle.find_class", "builtins, abs"),
        ("broadcast_shapes.__code__ = (lambda one, two, operation=None: one).__code__", "object.__setattr__", ""),
    ],
)
def test_what_no_exercise_asks_for_is_noted(tree, body, event, detail):
    first = replace_body(tree, FILE, "broadcast_shapes", f"import numpy as np\n{body}{REST}")
    found = [note for note in notes_of(tree) if note.event == event]
    assert found and found[0].detail.startswith(detail)
    if event != "changed":
        assert found[0].file == f"neural_framework/{FILE}" and found[0].line > first


@pytest.mark.parametrize(
    "body",
    [
        "open('mine.txt', 'w').close()\nopen('mine.txt').close()",
        "import warnings\nwarnings.warn('text')",
        "import dataclasses\n@dataclasses.dataclass\nclass Point:\n    x: int",
        "import collections\ncollections.namedtuple('Point', 'x')",
        "open(__file__).close()",
    ],
)
def test_what_right_work_may_do_is_not(tree, body):
    replace_body(tree, FILE, "broadcast_shapes", f"import numpy as np\n{body}{REST}")
    assert [note for note in notes_of(tree) if note.event != "import"] == []


def test_notes_are_few(tree):
    body = "for name in range(300):\n    try:\n        open(f'/{name}')\n    except OSError:\n        pass"
    replace_body(tree, FILE, "broadcast_shapes", body)
    assert 0 < len(notes_of(tree)) <= NOTES
    kinds = {event.partition(".")[0] for event in DIRECT | ANYWHERE | OF_SYS | {"changed"}}
    assert len(kinds) * NOTES_OF_AN_EVENT <= NOTES


@pytest.mark.parametrize(
    ("flood", "event", "all_quiet"),
    [("__import__(f'json.a{name}')", "import", True), ("open(f'/{name}')", "open", False)],
)
def test_many_of_one_kind_keep_no_other_from_being_noted(tree, flood, event, all_quiet):
    """Modules of the standard library that are no news count for nothing; of what is, there is room for each kind."""
    body = f"for name in range(2_000):\n    try:\n        {flood}\n    except (ImportError, OSError):\n        pass"
    later = "import os\nos.listdir('/')\nimport numpy\nnumpy.sum = max"
    replace_body(tree, FILE, "broadcast_shapes", f"{body}\n{later}\nreturn ()")
    events = [note.event for note in notes_of(tree)]
    assert "os.listdir" in events and "changed" in events
    assert (event not in events) == all_quiet


def test_notes_that_a_tree_sends_itself_at_the_desk_cost_it_the_check(tree):
    line = '{"event": "noted", "note": {"event": "", "detail": "", "file": "", "line": 0}}'
    body = f"import os\nfor pipe in range(3, 20):\n    try:\n        os.write(pipe, {line.encode() + b'{}'!r})"
    replace_body(tree, FILE, "broadcast_shapes", body.replace("{}", "\\n") + "\n    except OSError:\n        pass")
    assert not any(verdict.passed for verdict in grade(tree, find_task("1.2").checks, launch=fresh))
