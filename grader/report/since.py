"""What has changed since the last run: the checks that pass now and did not, and those that do no longer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from grader.verdict.judge import DONE, TaskVerdict

from .words import BAD, GOOD, QUIET, Line, Words, plain_line

Passed = Mapping[str, bool]  # by the checks' ids, of those that the last run graded
TITLES_SHOWN = 3


def since(before: Passed, tasks: Sequence[TaskVerdict]) -> Iterator[Line]:
    """A line for each task that has changed; nothing where the last run was about none of these tasks."""
    same, compared = True, 0
    for task in tasks:
        known = [check for check in task.checks if check.check.id in before]
        compared += len(known)
        better = [check for check in known if check.passed and not before[check.check.id]]
        worse = [check for check in known if not check.passed and before[check.check.id]]
        words = []
        if better:
            done = ", and the task is done" if task.state == DONE else ""
            words.append(Words(f"{_checks(better, 'passes', 'pass')} that failed{done}", GOOD))
        if worse:
            titles = "; ".join(check.check.sentence for check in worse[:TITLES_SHOWN])
            more = f"; and {len(worse) - TITLES_SHOWN} more" if len(worse) > TITLES_SHOWN else ""
            then = "\n" if better else ""
            words.append(Words(f"{then}{_checks(worse, 'fails', 'fail')} that passed: {titles}{more}", BAD))
        if words:
            same = False
            yield Line(f"{task.task.id} {task.task.title}", tuple(words))
    if same and compared:
        yield plain_line("no change", "the same checks pass as in the last run, and the same fail", QUIET)


def _checks(checks: Sequence, one: str, several: str) -> str:
    return f"{len(checks)} checks {several}" if len(checks) > 1 else f"1 check {one}"
