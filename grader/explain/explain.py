"""Explains the verdicts on a tree: for each task that fails, the functions at fault, and the mistakes in them."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Collection, Iterator, Sequence

from grader.answer_key import answer_key
from grader.course.milestones import is_private, milestone_of
from grader.course.mistakes import Mistake, load_mistakes
from grader.grade import Grading
from grader.run.launch import Launch
from grader.run.trials import POSSIBLE, Trials
from grader.source.reference import has_reference
from grader.task_id import TaskId
from grader.verdict.diagnosis import fit, load_fingerprints
from grader.verdict.judge import DONE, IN_PROGRESS, MilestoneVerdict, TaskVerdict
from grader.verdict.outcomes import Fingerprint

from .candidates import Candidates
from .explanation import Explanation, Fault, SmallestCase
from .locate import FAILING_SECONDS, Locator, quickest
from .naming import name_mistakes
from .smallest import expressions_of, smallest_case
from .variants import Graft, TimeUpError, Variants, graft_of

SECONDS = 3.0  # of processor time


def explain(grading: Grading, verdicts: Sequence[MilestoneVerdict], launch: Launch) -> dict[TaskId, Explanation]:
    """What is behind the tasks in progress, as far as SECONDS let it be found; empty where the system can't fork, and
    where the reference was not handed out."""
    failing = [task for task in _in_order(verdicts) if task.state == IN_PROGRESS and not task.broken]
    if not failing or not POSSIBLE or not has_reference():
        return {}
    candidates = Candidates(grading.assembled)
    public = [check for check in grading.checks if not is_private(check)]  # what is tried can be read where it is
    with contextlib.closing(Trials(grading.assembled, public, launch, grading.seed_shift)) as trials:
        key = answer_key(grading.checks, grading.seed_shift)
        variants = Variants(candidates, trials, {check.id: check for check in public}, key, SECONDS)
        done = {task.task.id for verdict in verdicts for task in verdict.tasks if task.state == DONE}
        return _explain(failing, done, Locator(candidates, variants), variants)


def _explain(
    failing: Sequence[TaskVerdict], done: Collection[TaskId], locator: Locator, variants: Variants
) -> dict[TaskId, Explanation]:
    """All of the first task, which the report shows; then the place of the others' faults and, as long as there is
    time, what they are."""
    found, before = {}, {}

    def name(task: TaskVerdict) -> None:
        explanation = found[task.task.id]
        faults = list(explanation.faults)
        quick = [verdict.check.id for verdict in quickest(task.checks, FAILING_SECONDS)]
        for position, fault in enumerate(explanation.faults):
            checks = [*dict.fromkeys([*sorted(fault.checks), *quick])]
            others = [graft_of(other) for other in explanation.faults if other is not fault]
            base = [*before[task.task.id], *others]
            expressions = expressions_of(milestone_of(fault.unit.task), fault) if fault.unit.task else []
            smallest = _smallest(fault, task, base, expressions, variants)
            named = name_mistakes(fault, _mistakes(fault, task, done), base, checks, expressions, variants)
            faults[position] = dataclasses.replace(fault, named=named, smallest=smallest)
            found[task.task.id] = dataclasses.replace(explanation, faults=tuple(faults))  # it stays when time is up

    for task in failing:
        before[task.task.id] = tuple(locator.named)
        found[task.task.id] = locator.task(task.task, task.checks)
        if task is failing[0]:
            with contextlib.suppress(TimeUpError):
                name(task)
    with contextlib.suppress(TimeUpError):
        for task in failing[1:]:
            name(task)
    return {task_id: dataclasses.replace(each, slow=variants.slow) for task_id, each in found.items()}


def _smallest(
    fault: Fault, task: TaskVerdict, base: Sequence[Graft], expressions: Sequence[str], variants: Variants
) -> SmallestCase | None:
    failures = [each.failure for each in task.checks if each.check.id in (fault.alone or fault.checks)]
    kinds = {failure.type if failure is not None else "" for failure in failures}
    return smallest_case(fault, expressions, base, kinds, variants) if expressions else None


def _mistakes(fault: Fault, task: TaskVerdict, done: Collection[TaskId]) -> list[Mistake]:
    """The catalogued mistakes of a function, in all their forms, those first that the task's failing checks resemble
    most, and then those of its partner, where this may be wrong as well; none behind a name that is not found, and none
    of a task that is done, whose checks would have caught it."""
    if fault.unit.task is None or all(each.says_nothing for each in task.checks if each.check.id in fault.checks):
        return []
    failed = {each.check.id: each.outcome for each in task.checks if each.outcome}
    known: dict[Mistake, Fingerprint] = {}
    tasks = (task.task.id, fault.unit.task)  # a forward that keeps too little is a mistake of the backward's task
    for milestone in {each.folder: each for each in map(milestone_of, tasks)}.values():
        prints = load_fingerprints(milestone)
        mistakes = [mistake for mistake in load_mistakes(milestone) if mistake.task not in done]
        known.update({mistake: prints.get(mistake.id, {}) for mistake in mistakes})
    likely = sorted(known, key=lambda mistake: -fit(failed, known[mistake], failed))
    forms = [form for mistake in likely for form in mistake.forms()]
    return [form for function in fault.functions for form in forms if form.function == function]


def _in_order(verdicts: Sequence[MilestoneVerdict]) -> Iterator[TaskVerdict]:
    """The tasks, with those of convergence at the end, and only where no other of their milestone is in progress."""
    for verdict in verdicts:
        others = [task for task in verdict.tasks if not task.task.convergence]
        yield from others
        if all(task.state != IN_PROGRESS for task in others):
            yield from (task for task in verdict.tasks if task.task.convergence)
