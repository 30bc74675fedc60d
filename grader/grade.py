"""From a tree to verdicts: the one way, for the command, the tests, the proofs and whoever else grades."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from grader.answer_key import answer_key
from grader.course.milestones import Check, Task, checks_of, load_milestone
from grader.protocol import Observation
from grader.run.assemble import assemble
from grader.run.launch import Launch, fresh
from grader.run.supervise import observe
from grader.source.state import TreeState
from grader.verdict.judge import CheckVerdict, MilestoneVerdict, judge_check, judge_milestone


@dataclass
class Grading:
    """One tree on its way to its verdicts: iterate over it for those on checks as they end, or `finish` it.

    checks: those of the tasks, or only some of them, in the order in which they run. verdicts: by the checks' ids, as
    far as they have ended. state: of the tree's files, once they have been read. The rest is `grade`'s.
    """

    tree: Path
    tasks: Sequence[Task]
    checks: Sequence[Check]
    rooms: tuple[str, ...]
    changes: Mapping[str, str]
    seed_shift: int
    launch: Launch
    verdicts: dict[str, CheckVerdict] = field(default_factory=dict)
    state: TreeState | None = None

    def __iter__(self) -> Iterator[CheckVerdict]:
        with tempfile.TemporaryDirectory(prefix="course-", ignore_cleanup_errors=True) as folder:
            assembled = assemble(self.tree, Path(folder).resolve(), self.rooms, self.changes)
            self.state = assembled.state
            key = answer_key(self.checks, self.seed_shift)

            def judge(check: Check, observation: Observation) -> CheckVerdict:
                return judge_check(check, observation, key[check.id], assembled.state.broken_by_task())

            for verdict in observe(assembled, self.checks, judge, self.launch, self.seed_shift):
                self.verdicts[verdict.check.id] = verdict
                yield verdict

    def finish(self) -> list[MilestoneVerdict]:
        """The verdicts on the milestones of the tasks; what has not run yet runs now."""
        if len(self.verdicts) < len(self.checks):
            self.verdicts = {verdict.check.id: verdict for verdict in self}
        found = []
        for number in sorted({task.id.milestone for task in self.tasks}):
            tasks = [task for task in self.tasks if task.id.milestone == number]
            found.append(judge_milestone(load_milestone(number), tasks, self.verdicts, self.state))
        return found


def grade(
    tree: Path,
    tasks: Sequence[Task],
    *,
    checks: Sequence[Check] | None = None,
    rooms: Sequence[str] = (),
    changes: Mapping[str, str] = MappingProxyType({}),
    seed_shift: int = 0,
    launch: Launch = fresh,
) -> Grading:
    """Grade tasks on a tree.

    checks: only these of the tasks' checks, in this order. rooms: those of the package that come from the reference.
    changes: texts of files that replace the tree's (a stub, a mutation). launch: starts every worker.
    """
    chosen = checks_of(tasks) if checks is None else checks
    return Grading(tree, tasks, chosen, tuple(rooms), changes, seed_shift, launch)
