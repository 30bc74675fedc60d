"""Tries a hostile submission as a class would be graded, among things that it must not touch."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import multiprocessing.util
import os
import socket
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.classroom.grading import grade_submission, make_shared
from grader.classroom.options import Options
from grader.classroom.submission import Submission
from grader.files import REPOSITORY, write_text
from grader.run.sandbox import LEVELS
from grader.source.reference import reference
from tests.trees import with_body

from .corpus import CORPUS
from .hostile import ARITHMETIC, BROADCASTING, Files, Hostile

ALL = {name: hostile for some in CORPUS.values() for name, hostile in some.items()}
INIT = "neural_framework/__init__.py"
# What is graded: the task of broadcast_shapes where a trick is in it, and else tasks with facts of all kinds.
OF_A_BODY, OF_A_TREE = ("1.2",), ("1.4", "2.5")
# The functions that are wrong in every submission of the corpus.
WRONG = {
    (ARITHMETIC, "Multiply.forward"): "self.x, self.y = x, y\nreturn y + x",
    (ARITHMETIC, "Divide.backward"): "return grad, grad  # wrong",
    (BROADCASTING, "broadcast_shapes"): "return shape1",
}
SECONDS = 120.0
# Files of the course that submissions try to change, or to add.
COURSE = ("grader/verdict/compare.py", "starter/neural_framework/__init__.py", "milestones/pytest.ini", "hostile.pth")


@dataclass
class World:
    """What is around a submission that is graded: an instructor's folder, a neighbour, someone who listens."""

    folder: Path
    port: int
    image: Path
    calls: list[bytes] = field(default_factory=list)

    @property
    def places(self) -> dict[str, str]:
        """What the names in a submission's texts stand for."""
        own = {"REPOSITORY": REPOSITORY, "OUT": self.folder / "out", "NEIGHBOUR": self.folder / "neighbour"}
        own |= {"SERVICE": self.folder / "service", "PORT": self.port}
        return {f"{{{name}}}": str(place) for name, place in own.items()}

    def state(self) -> str:
        """A digest of all that no submission may change, and the processes that one may have left."""
        digest = hashlib.sha256()
        for path in [*sorted(self.folder.rglob("*")), *(REPOSITORY / name for name in COURSE)]:
            digest.update(f"{path} {_about(path)}".encode() + (_bytes(path) if path.is_file() else b""))
        stays = f"sleep\0{self.port}.{self.port}".encode()
        left = [path for path in Path("/proc").glob("[0-9]*/cmdline") if stays in _bytes(path)]
        return f"{digest.hexdigest()} {len(left)} {len(self.calls)}"


@contextlib.contextmanager
def world() -> Iterator[World]:
    """A world of its own, for as long as the context is open."""
    with (
        tempfile.TemporaryDirectory(prefix="hostile-") as name,
        tempfile.TemporaryDirectory(prefix="image-") as image,
        socket.socket() as listener,
        socket.socket(socket.AF_UNIX) as service,
    ):
        folder = Path(name).resolve()
        listener.bind(("127.0.0.1", 0))
        service.bind(str(folder / "service"))
        for one in (listener, service):
            one.listen()
        Path(image).chmod(0o755)  # a sandbox of another user reads it
        found = World(folder, listener.getsockname()[1], make_shared(Path(image), options(LEVELS[-1], ())))
        write_text(folder / "out" / "gradebook.csv", "id,name,total\n")
        (folder / "out" / "students").mkdir()
        for file, text in reference().items():
            write_text(folder / "neighbour" / file, text)
        for one in (listener, service):
            threading.Thread(target=_listen, args=(one, found.calls), daemon=True).start()
        os.environ["INSTRUCTORS_TOKEN"] = "secret"
        try:
            yield found
        finally:
            del os.environ["INSTRUCTORS_TOKEN"]


def honest_files(**other: str) -> dict[str, bytes]:
    """The reference with some mistakes. other: bodies that take the place of one, by the function's name."""
    texts = dict(reference())
    for (file, name), wrong in WRONG.items():
        body = other.get(name, wrong)
        texts[file] = with_body(texts[file], name, body)
    return {file: text.encode() for file, text in texts.items()}


def files_of(hostile: Hostile, around: World) -> Files:
    """A hostile submission's files."""
    files = honest_files(**({"broadcast_shapes": _placed(hostile.body.strip(), around)} if hostile.body else {}))
    if hostile.code:
        files[INIT] += f"\n{_placed(hostile.code, around)}".encode()
    return hostile.change(files) if hostile.change is not None else files


def graded(
    files: Files, level: str, around: World, tasks: tuple[str, ...] = OF_A_TREE, on_reference: tuple[str, ...] = ()
) -> dict[str, Any]:
    """The record of a submission with these files. on_reference: further tasks, of later milestones."""
    asked = options(level, tasks + on_reference)
    if on_reference:
        asked = dataclasses.replace(asked, milestones=(1, 2, 3, 4), on_reference=True)
    return grade_submission(Submission("hostile", "Hostile", files), asked, around.image)


def options(level: str, tasks: tuple[str, ...]) -> Options:
    """What a run is asked to do."""
    return Options(milestones=(1, 2), tasks=tasks, seed=20_261, level=level, wall=SECONDS)


def passed(record: dict[str, Any]) -> set[str]:
    """The checks of the tree's own work that passed."""
    milestones = (one for one in record["results"]["milestones"] if one["number"] <= 2)
    tasks = (task for milestone in milestones for task in milestone["tasks"])
    return {check["id"] for task in tasks for check in task["checks"] if check["passed"]}


def honest_checks(level: str, around: World) -> set[str]:
    """The checks that the honest part of every submission passes."""
    return passed(graded(honest_files(), level, around, OF_A_BODY + OF_A_TREE))


def complaints(hostile: Hostile, level: str, around: World, honest: set[str]) -> list[str]:
    """What is wrong about the outcome of a hostile submission; nothing where it got what it should."""
    before = around.state()
    tasks = OF_A_BODY if hostile.body else OF_A_TREE
    record = graded(files_of(hostile, around), level, around, tasks, hostile.on_reference)
    found = []
    more = passed(record) - honest
    if more and not hostile.right:
        found.append(f"it gained {sorted(more)}")
    if around.state() != before:
        found.append("it changed what is not its own, left a process, or reached the network")
    if record["unusable"] and not hostile.unusable:
        found.append(f"its trick did not run: {record['unusable']}")
    kinds = {mark["kind"] for mark in record["marks"]}
    if hostile.marks and not kinds & set(hostile.marks):
        found.append(f"no mark of {', '.join(hostile.marks)}, but {sorted(kinds)}")
    if not hostile.marks and kinds:
        found.append(f"marks that the table does not have: {sorted(kinds)}")
    return found


def one(name: str, level: str) -> list[str]:
    """What is wrong about one submission, tried in this process's own world."""
    around = own_world()
    if level not in _HONEST:
        _HONEST[level] = honest_checks(level, around)
    return complaints(ALL[name], level, around, _HONEST[level])


_HONEST: dict[str, set[str]] = {}
_WORLD: list[World] = []


def own_world() -> World:
    """The world of this process, which ends with it."""
    if not _WORLD:
        context = world()
        _WORLD.append(context.__enter__())
        multiprocessing.util.Finalize(None, context.__exit__, args=(None, None, None), exitpriority=10)
    return _WORLD[0]


def _placed(text: str, around: World) -> str:
    for name, place in around.places.items():
        text = text.replace(name, place)
    return text


def _listen(listener: socket.socket, calls: list[bytes]) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection, _ = listener.accept()
            with connection:
                calls.append(connection.recv(100))


def _about(path: Path) -> tuple[object, ...]:
    """What a file is like, apart from what is in it."""
    with contextlib.suppress(OSError):
        about, more = os.lstat(path), os.listxattr(path) if hasattr(os, "listxattr") else []
        return about.st_mode, about.st_uid, about.st_gid, about.st_mtime_ns, more
    return ()


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
