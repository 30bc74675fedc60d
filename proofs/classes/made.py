"""Makes a class: finished, half-finished, broken and hostile submissions, always the same."""

from __future__ import annotations

import contextlib
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

from grader.course.milestones import course
from grader.course.mistakes import load_mistakes
from grader.files import SOLUTIONS, write_text
from grader.source.graft import GraftError
from grader.source.package import PACKAGE, sources
from grader.source.starter import generate
from grader.task_id import TaskId

FIRST = ["Ada", "Ben", "Chi", "Dana", "Emre", "Fay", "Gus", "Hana", "Ines", "Jun", "Kofi", "Lea", "Mio", "Nia", "Oz"]
LAST = ["Abe", "Berg", "Cruz", "Diaz", "Eze", "Frost", "Gao", "Hahn", "Ito", "Jain", "Kaya", "Lund", "Mora"]
ENTRANCE = f"{PACKAGE}/__init__.py"
BROADCASTING = f"{PACKAGE}/operations/broadcasting.py"
EVIL_NAMES = ["=cmd|' {} C calc'!A0", "+1+1", "<script>alert(1)<-script>", "\u202egnp.exe", "-2+3", "a\nb", "\x1b[2J"]
SLEEP = "import time; time.sleep(600)"
# What begins a hostile package; the rest of it is the reference.
HOSTILE = [
    "import os\nos._exit(0)\n",
    "while True:\n    pass\n",
    f"import os\nfor _ in range(200):\n    if os.fork() == 0:\n        {SLEEP}\n        os._exit(0)\n",
    "for _ in range(100_000):\n    print('Total 400 of 400 points' * 100)\n",
    "held = []\nwhile True:\n    held.append(bytes(2**26))\n",
    "import os, signal\nos.kill(os.getppid(), signal.SIGTERM)\n",
    'import atexit, os\natexit.register(lambda: os.write(1, b\'{"event": "end"}\\n\' * 100))\n',
    f"import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', '{SLEEP}'], start_new_session=True)\n",
    "open('/tmp/course-was-here', 'w').write('x')\n",
    "import builtins\nbuiltins.isinstance = lambda *_: True\n",
]


def make_class(folder: Path, count: int) -> None:
    """Write so many submissions into a new folder: of ten, four are finished or nearly, four begun, two broken or
    hostile."""
    draw = random.Random(0)
    kinds: list[tuple[Callable, int]] = [(finished, 1), (nearly, 3), (begun, 4), (broken, 1), (hostile, 1)]
    makers = [kind for kind, share in kinds for _ in range(share)]
    for position in range(count):
        name = f"{draw.choice(FIRST)} {draw.choice(LAST)} {position:03}"
        if draw.random() < 0.05:
            name = f"{EVIL_NAMES[position % len(EVIL_NAMES)]} {position:03}".replace("/", "_")
        makers[position % len(makers)](folder / name, draw)


def finished(folder: Path, draw: random.Random) -> None:
    """The reference, as one's own."""
    own = sources(SOLUTIONS)
    own[ENTRANCE] += f"\n# {draw.random()}\n"
    write(folder, own)


def nearly(folder: Path, draw: random.Random) -> None:
    """All written, with a few mistakes of the catalogue."""
    write(folder / draw.choice(["", "starter"]), with_mistakes(draw, draw.randint(1, 4), "9.9"))


def begun(folder: Path, draw: random.Random) -> None:
    """Written up to some task, with a mistake or two on the way."""
    tasks = [task.id for milestone in course() for task in milestone.exercises]
    last = tasks[min(int(draw.expovariate(1 / 15)), len(tasks) - 1)]
    own = with_mistakes(draw, draw.randint(0, 2), last)
    write(folder, {name: generate(text, name, lambda one: one.task_id > last) for name, text in own.items()})


def with_mistakes(draw: random.Random, count: int, last: str) -> dict[str, str]:
    """The reference with mistakes in what comes before a task."""
    known = [one for milestone in course() for one in load_mistakes(milestone) if one.task <= TaskId(last)]
    changes: dict[str, str] = {}
    for mistake in draw.sample(known, min(count, len(known))):
        with contextlib.suppress(GraftError):  # two in the same lines
            changes = mistake.changes(changes)
    return sources(SOLUTIONS) | changes


def broken(folder: Path, draw: random.Random) -> None:
    """What can't be read, or not all of it."""
    kind = draw.randrange(6)
    own = sources(SOLUTIONS)
    if kind == 0:
        own[BROADCASTING] += "\ndef unfinished(:\n"
        write(folder, own)
    elif kind == 1:
        del own[BROADCASTING]
        write(folder, own)
    elif kind == 2:
        folder.mkdir(parents=True)
    elif kind == 3:
        write_text(folder / "report.txt", "I did not get it to work.")
    elif kind == 4:
        write_text(folder.with_name(folder.name + ".zip"), "this is not an archive")
    else:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(folder.with_name(folder.name + ".zip"), "w") as archive:
            for name, text in own.items():
                archive.writestr(name, text)
            archive.writestr("../../outside.py", "print(1)")


def hostile(folder: Path, draw: random.Random) -> None:
    """What attacks the grader, in front of the reference."""
    own = sources(SOLUTIONS)
    own[ENTRANCE] = draw.choice(HOSTILE) + own[ENTRANCE]
    write(folder, own)


def write(folder: Path, texts: dict[str, str]) -> None:
    """Write a tree."""
    for name, text in texts.items():
        write_text(folder / name, text)
