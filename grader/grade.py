"""Grades a tree; the commands, the tests and the proofs call it."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from grader.answer_key import answer_key
from grader.course.milestones import Check, checks_of, find_task, is_private, load_milestone
from grader.protocol import Note, Observation
from grader.run.assemble import Assembled, assemble
from grader.run.launch import Launch, fresh
from grader.run.supervise import observe
from grader.source.state import TreeState
from grader.verdict.judge import CheckVerdict, MilestoneVerdict, judge_check, judge_milestone


def grade(
    tree: Path,
    checks: Sequence[Check],
    *,
    rooms: Sequence[str] = (),
    changes: Mapping[str, str] = MappingProxyType({}),
    seed_shift: int = 0,
    launch: Launch = fresh,
    notes: list[Note] | None = None,
    apart: bool = False,
    scratch: Path | None = None,
    written: Path | None = None,
    shows: bool = False,
) -> Grading:
    """Run checks on a tree, in this order, and judge them.

    rooms: those of the package that come from the reference. changes: texts of files that replace the tree's (a stub, a
    mutation). launch: starts every worker. notes: takes those of what the tree does that no exercise asks for. apart:
    with a process of its own for each task. scratch: the folder in which the copy of the tree is made; without one, a
    temporary one. written: a folder in which write_checks has written the checks' acting parts. shows: whether checks
    also show what was learnt.
    """
    return Grading(tree, checks, tuple(rooms), changes, seed_shift, launch, notes, apart, scratch, written, shows)


class Grading:
    """One tree on its way to its verdicts: iterating over it yields each check's verdict as the check ends.

    verdicts: by the checks' ids, as far as they have ended. assembled: what was graded, once it is there, and for as
    long as this object is. The other attributes are grade()'s arguments.
    """

    def __init__(self, tree, checks, rooms, changes, seed_shift, launch, notes, apart, scratch, written, shows):
        self.tree: Path = tree
        self.checks: Sequence[Check] = checks
        self.rooms, self.changes, self.seed_shift, self.launch = rooms, changes, seed_shift, launch
        self.notes: list[Note] | None = notes
        self.apart, self.scratch, self.written, self.shows = apart, scratch, written, shows
        self.verdicts: dict[str, CheckVerdict] = {}
        self.assembled: Assembled | None = None
        self._running = self._run()

    @property
    def state(self) -> TreeState:
        """Of the tree's files."""
        return self.assembled.state

    def __iter__(self) -> Iterator[CheckVerdict]:
        return self._running

    def finish(self) -> list[MilestoneVerdict]:
        """Run the checks that have not run yet; the verdicts on the milestones of the tasks that the checks make up."""
        for _ in self:
            pass
        tasks = [find_task(task_id) for task_id in dict.fromkeys(check.task_id for check in self.checks)]
        missing = [check.id for check in checks_of(tasks) if check.id not in self.verdicts]
        if missing:
            raise ValueError(f"a verdict on a task needs all its checks, and these did not run: {missing}")
        milestones = {task.id.milestone: [] for task in tasks}
        for task in tasks:
            milestones[task.id.milestone].append(task)
        return [
            judge_milestone(load_milestone(number), own, self.verdicts, self.state)
            for number, own in sorted(milestones.items())
        ]

    def _run(self) -> Iterator[CheckVerdict]:
        scratch = Path(tempfile.mkdtemp(prefix="course-", dir=self.scratch)).resolve()
        weakref.finalize(self, shutil.rmtree, scratch, ignore_errors=True)
        self.assembled = assemble(self.tree, scratch, self.rooms, self.changes)
        self.assembled.written = self.written
        key = answer_key(self.checks, self.seed_shift)
        options = {"notes": self.notes, "apart": self.apart, "shows": self.shows}
        for checks, assembled in self._in_turn(scratch / "course-private"):

            def judge(check: Check, observation: Observation, state: TreeState = assembled.state) -> CheckVerdict:
                return judge_check(check, observation, key[check.id], state.broken)

            for verdict in observe(assembled, checks, judge, self.launch, self.seed_shift, **options):
                self.verdicts[verdict.check.id] = verdict
                yield verdict

    def _in_turn(self, private: Path) -> Iterator[tuple[list[Check], Assembled]]:
        """The checks, and the copy of the tree that they run on. Private ones come last, on a copy of their own, which
        is there for no longer than they are: what a tree reads of them, it can say neither in another check's message
        nor as the reason why it can't be imported."""
        public = [check for check in self.checks if not is_private(check)]
        yield public, self.assembled
        if len(public) < len(self.checks):
            own = assemble(self.tree, private, self.rooms, self.changes)
            yield [check for check in self.checks if is_private(check)], own
            shutil.rmtree(private, ignore_errors=True)
