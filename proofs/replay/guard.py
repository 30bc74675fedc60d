"""How far each check may move: as long as right trees pass, and wrong ones fail it as before."""

from __future__ import annotations

import concurrent.futures
import json
import os
from collections.abc import Callable, Mapping, Sequence

from grader.answer_key import answer_key, settled_key, stated
from grader.course.milestones import Check, find_task
from grader.course.mistakes import Mistake
from grader.course.moved import AS_WRITTEN, MODES, moved_checks_of
from grader.run.fork_server import forked
from grader.verdict.judge import judge_check
from proofs.second_bodies import all_second_bodies, whole_trees

from .score import answers

SEEDS = (101, 102, 103)


def right_trees() -> dict[str, Mapping[str, str]]:
    """What changes the reference into other right trees, by name."""
    return {"second bodies": all_second_bodies(), **whole_trees()}


def farthest(
    checks: Sequence[Check], seeds: Sequence[int], say: Callable[[str], None] = lambda text: None
) -> dict[str, str]:
    """The farthest mode of each check in which the reference meets it and right trees agree, with each seed."""
    written = {seed: stated(checks, seed_shift=seed, launch=forked) for seed in seeds}
    found: dict[str, str] = {}
    for mode in reversed(MODES[1:]):
        good = [check for check in checks if check.id not in found]
        for seed in seeds:
            key = settled_key(good, mode, seed, written[seed], forked) if good else {}
            good = [check for check in good if check.id in key]
            wrong = failing(good, mode, seed, right_trees())
            good = [check for check in good if check.id not in wrong]
            say(f"{mode}, seed {seed}: {len(good)} checks, {len(wrong)} refuse a right tree")
        found |= {check.id: mode for check in good}
    return {check.id: found.get(check.id, AS_WRITTEN) for check in checks}


def failing(checks: Sequence[Check], mode: str, seed: int, trees: Mapping[str, Mapping[str, str]]) -> set[str]:
    """The checks that some of these trees fail in a mode whose key is settled."""
    moved = moved_checks_of(checks, mode, seed)
    key = answer_key(moved, seed)

    def failed(changes: Mapping[str, str]) -> set[str]:
        seen = answers(moved, seed, changes)
        return {check.id for check in moved if not judge_check(check, seen[check.id], key[check.id]).passed}

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return set().union(*pool.map(failed, trees.values())) if moved else set()


def lost(
    mistakes: Sequence[Mistake], caught: Mapping[str, Sequence[str]], modes: Mapping[str, str], seed: int
) -> dict[str, list[str]]:
    """The checks that no longer catch mistakes of their task: by check, the mistakes. caught: by mistake, the checks
    that fail under it as they are written."""
    checks = {check.id: check for mistake in mistakes for check in find_task(mistake.task).checks}
    written = stated(list(checks.values()), seed_shift=seed, launch=forked)
    moved: dict[str, Check] = {}
    for mode in MODES[1:]:
        own = [check for check in checks.values() if modes.get(check.id, MODES[-1]) == mode]
        key = settled_key(own, mode, seed, written, forked) if own else {}
        moved |= {check.id: check for check in moved_checks_of([one for one in own if one.id in key], mode, seed)}
    key = answer_key(list(moved.values()), seed)

    def passes(mistake: Mistake) -> list[str]:
        own = [moved[check.id] for check in find_task(mistake.task).checks if check.id in moved]
        own = [check for check in own if check.id in caught[mistake.id]]
        seen = answers(own, seed, mistake.changes()) if own else {}
        return [check.id for check in own if judge_check(check, seen[check.id], key[check.id]).passed]

    found: dict[str, list[str]] = {}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for mistake, names in zip(mistakes, pool.map(passes, mistakes), strict=True):
            for name in names:
                found.setdefault(name, []).append(mistake.id)
    return found


def text_of(modes: Mapping[str, str]) -> str:
    """The table as it is kept: checks that do not move as far as there is, a line each."""
    kept = {name: mode for name, mode in sorted(modes.items()) if mode != MODES[-1]}
    return json.dumps(kept, indent=2) + "\n"
