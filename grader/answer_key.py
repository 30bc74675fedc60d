"""Makes the answer key: runs the checks as they stand on the reference, in a worker without student code.

The key is kept in .course/key, a file for each task and seed, under a digest of all that it depends on. A run with a
seed of its own asks for moved_checks first: their numbers are other ones, and so is their key.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import sys
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np

from grader.course.milestones import Check, Task, checks_of, find_task, milestone_of
from grader.course.moved import MODES, limit_of, moved_checks_of
from grader.errors import CourseError
from grader.files import REPOSITORY, STATE, temporary_folder, write_whole
from grader.protocol import Expectation, Observation
from grader.run.assemble import assemble
from grader.run.launch import Launch, fresh
from grader.run.supervise import observe
from grader.sealed import sealed
from grader.source.reference import has_reference, reference, reference_tree
from grader.verdict.compare import first_disagreement
from grader.verdict.key import Key, by_place, expectations_of, settled

FOLDER = STATE / "key"
FILES_KEPT = 5  # of a task
# What a key depends on besides the checks: the reference, the data, and what runs and records a check.
MAKERS = ["inside", "source", "run", "verdict/compare.py", "verdict/key.py"]
MAKERS += ["course/moved.py", "protocol.py", "schema.py", "answer_key.py"]
MovedKey = dict[str, tuple[str, tuple[Expectation, ...]]]  # the mode of each check, and its part of the key
# What this process has read or made, by task and shift; and of moved checks also by their ids, mode and seed.
_PARTS: dict[tuple[Task, int], Key] = {}
_MOVED_PARTS: dict[tuple[Task, int], MovedKey] = {}
_MOVED: dict[tuple[str, str, int], tuple[Expectation, ...]] = {}
_LOCK = threading.Lock()


def answer_key(checks: Iterable[Check], seed_shift: int = 0) -> Key:
    """The expectations of these checks and of the others of their tasks, with the seeds shifted; of moved checks, those
    that moved_checks found."""
    checks = list(checks)
    tasks = [find_task(task_id) for task_id in dict.fromkeys(check.task_id for check in checks if not check.moved)]
    with _LOCK:  # of several threads, one makes what is missing
        parts = {task.id: _PARTS.get((task, seed_shift)) or _kept(task, seed_shift) for task in tasks}
        missing = [task for task in tasks if not parts[task.id]]
        observations = stated(checks_of(missing), seed_shift=seed_shift) if missing else {}
        for task in missing:
            parts[task.id] = {check.id: _expectations(check, observations[check.id]) for check in task.checks}
            _keep(task, _file(task, seed_shift), as_kept(parts[task.id]))
        _PARTS.update({(task, seed_shift): parts[task.id] for task in tasks})
    key = {name: expectations for part in parts.values() for name, expectations in part.items()}
    moved = {check.id: check.moved for check in checks if check.moved is not None}
    return key | {name: _MOVED[name, text.mode, seed_shift] for name, text in moved.items()}


def moved_checks(checks: Iterable[Check], seed: int, launch: Launch = fresh) -> list[Check]:
    """The checks of a run with a seed of its own: each moved as far as it may be and the reference meets it. They are
    graded with this seed as the shift."""
    checks = list(checks)
    tasks = [find_task(task_id) for task_id in dict.fromkeys(check.task_id for check in checks)]
    with _LOCK:
        parts = {task.id: _MOVED_PARTS.get((task, seed)) or _read_moved(_file(task, seed, "moved")) for task in tasks}
        missing = [task for task in tasks if parts[task.id] is None]
        made = _moved_as_far_as_may_be(checks_of(task for task in missing if not task.convergence), seed, launch)
        for task in missing:
            parts[task.id] = {check.id: made[check.id] for check in task.checks if check.id in made}
            plain = as_kept({name: key for name, (_, key) in parts[task.id].items()})
            content = {name: [mode, plain[name]] for name, (mode, _) in parts[task.id].items()}
            _keep(task, _file(task, seed, "moved"), content)
        _MOVED_PARTS.update({(task, seed): parts[task.id] for task in tasks})
        found = {name: each for part in parts.values() for name, each in part.items()}
        _MOVED.update({(name, mode, seed): key for name, (mode, key) in found.items()})
    by_mode = {mode: [check for check in checks if found.get(check.id, ("",))[0] == mode] for mode in MODES}
    moved = {one.id: one for mode, own in by_mode.items() for one in moved_checks_of(own, mode, seed)}
    return [moved.get(check.id, check) for check in checks]


def settled_key(
    checks: Sequence[Check], mode: str, seed: int, written: Mapping[str, Observation], launch: Launch = fresh
) -> Key:
    """The key of those checks that say the same with their numbers moved. written: what the checks as they are written
    observe on the reference, with the same seed."""
    key = {}
    for name, observation in stated(moved_checks_of(checks, mode, seed), seed_shift=seed, launch=launch).items():
        before = written[name]
        if observation.ended and observation.failure is None and _holds(before):
            own = settled(observation.facts, observation.expectations, by_place(before.facts, before.expectations))
            if own is not None:
                key[name] = own
    _MOVED.update({(name, mode, seed): own for name, own in key.items()})
    return key


def _holds(observation: Observation) -> bool:
    """Whether a check says what is so of the reference. Of one that does not, no answer may be taken for right."""
    return first_disagreement(observation.facts, expectations_of(observation.facts, observation.expectations)) is None


def _moved_as_far_as_may_be(checks: Sequence[Check], seed: int, launch: Launch) -> MovedKey:
    """The mode and the key of each check that may be moved."""
    found, left = {}, [check for check in checks if MODES.index(limit_of(check)) > 0]
    written = stated(left, seed_shift=seed, launch=launch) if left else {}
    for level in range(len(MODES) - 1, 0, -1):
        tried = [check for check in left if check.id not in found and MODES.index(limit_of(check)) >= level]
        key = settled_key(tried, MODES[level], seed, written, launch) if tried else {}
        found |= {name: (MODES[level], own) for name, own in key.items()}
    return found


def stated(
    checks: Sequence[Check],
    changes: Mapping[str, str] = MappingProxyType({}),
    seed_shift: int = 0,
    launch: Launch = fresh,
    expectations: bool = True,
) -> dict[str, Observation]:
    """What checks observe on the reference, or on that with changes, and what they say must hold; without expectations,
    what their acting parts observe."""
    with reference_tree() as tree, temporary_folder() as folder:
        assembled = assemble(tree, folder, changes=changes)
        ended = observe(assembled, checks, _Stated, launch, seed_shift, expectations)
        return {each.check.id: each.observation for each in ended}


@dataclass(frozen=True)
class _Stated:
    """In the place of a verdict: there is nothing to judge yet."""

    check: Check
    observation: Observation

    @property
    def passed(self) -> bool:
        return self.observation.ended and self.observation.failure is None


def _expectations(check: Check, observation: Observation) -> tuple[Expectation, ...]:
    if not _Stated(check, observation).passed:
        why = observation.failure or (observation.loss and observation.loss.message)
        raise CourseError(f"there is no answer key: the reference itself fails {check.id}: {why}")
    return expectations_of(observation.facts, observation.expectations)


def _file(task: Task, seed_shift: int, of: str = "") -> Path:
    limits = " ".join(limit_of(check) for check in task.checks) if of else ""
    parts = [_surroundings(), *(part.encode() for part in (str(seed_shift), digest_of_checks(task), of, limits))]
    digest = hashlib.sha256(b"\0".join(parts)).hexdigest()
    return FOLDER / f"{task.id}-{digest[:24]}.json"


@functools.cache
def _surroundings() -> bytes:
    """A digest of all that is the same for every task."""
    digest = hashlib.sha256(f"{sys.version} {np.__version__}".encode())
    paths = [REPOSITORY / "datasets", *(REPOSITORY / "grader" / name for name in MAKERS)]
    files = [file for path in paths for file in ([path] if path.is_file() else sorted(path.iterdir()))]
    texts = [file.read_bytes() for file in files if file.is_file()]
    for text in [*texts, *(text.encode() for text in reference().values())]:
        digest.update(text + b"\0")
    return digest.digest()


def digest_of_checks(task: Task) -> str:
    """A digest of the files that a task's checks are in."""
    texts = [path.read_text(encoding="utf-8") for path in dict.fromkeys(check.path for check in task.checks)]
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def _kept(task: Task, seed_shift: int) -> Key:
    """A part of the key that was handed out or is kept here; empty where it has to be made.

    The key that was handed out is for the checks as they were, and with another NumPy random numbers may be others. So
    it holds for the same NumPy, or where there is no reference to make another.
    """
    content = sealed()
    if content is not None and seed_shift == 0 and (content.numpy == np.__version__ or not has_reference()):
        digest, part = content.key[task.id]
        if digest == digest_of_checks(task):
            return _part(part)
        if not has_reference():
            folder = f"milestones/{milestone_of(task.id).folder.name}"
            raise CourseError(
                f"the checks of task {task.id} are not those that were handed out, and the reference that could answer "
                f"them is not here: git checkout -- {folder}"
            )
    return _read(_file(task, seed_shift))


def as_kept(part: Key) -> dict[str, list[dict]]:
    """A part of the key as plain data, which _part reads."""
    return {name: [asdict(each) for each in expectations] for name, expectations in part.items()}


def _part(content: Mapping) -> dict[str, tuple[Expectation, ...]]:
    return {name: tuple(Expectation(**each) for each in expectations) for name, expectations in content.items()}


def _read(path: Path) -> dict[str, tuple[Expectation, ...]]:
    """A part of the key that is kept; empty where there is none, or it was cut off."""
    try:
        return _part(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _read_moved(path: Path) -> MovedKey | None:
    """The same of moved checks, with their modes; None where there is none."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        key = _part({name: own for name, (_, own) in content.items()})
        return {name: (mode, key[name]) for name, (mode, _) in content.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return None


def _keep(task: Task, path: Path, content: Mapping[str, object]) -> None:
    """Keep a part of the key, and only the newest few of its task; what can't be written is made again next time."""
    with contextlib.suppress(OSError):
        write_whole(path, json.dumps(content))
        kept = sorted(FOLDER.glob(f"{task.id}-*.json"), key=lambda path: path.stat().st_mtime)
        for path in kept[:-FILES_KEPT]:
            path.unlink(missing_ok=True)
