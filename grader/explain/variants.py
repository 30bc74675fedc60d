"""Variants of a tree in which functions are the reference's, and the checks that pass on them."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from grader.course.milestones import Check
from grader.course.mistakes import Mistake
from grader.protocol import Fact, Observation
from grader.run.trials import Trials, Tried
from grader.source.stubs import stub_told
from grader.source.transplant import parsed, transplanted
from grader.task_id import TaskId
from grader.verdict.judge import judge_check
from grader.verdict.key import Key

from .candidates import Candidates
from .explanation import Fault, Unit

STUB_ROUNDS = 3
PATIENCE = 5  # times the seconds that a check took at first
LEAST_SECONDS = 0.3
LOAD = 10  # on a busy machine, processor time takes longer


@dataclass(frozen=True)
class Graft:
    """A function that is the reference's. twin: it is one of forward and backward, and so is what it needs of the
    other, while the other itself stays the tree's. mistakes: what the reference's is mutated by."""

    unit: Unit
    twin: bool = False
    mistakes: tuple[Mistake, ...] = ()


def graft_of(fault: Fault, mistakes: Iterable[Mistake] = ()) -> Graft:
    """What mends a fault, or puts known mistakes in its place."""
    return Graft(fault.unit, fault.twin, tuple(mistakes))


class TimeUpError(Exception):
    """The time for explanations is over."""


class Variants:
    """Runs checks on variants, each question once, for so many seconds of processor time and LOAD times as long."""

    def __init__(self, candidates: Candidates, trials: Trials, checks: Mapping[str, Check], key: Key, budget: float):
        self.candidates, self.trials, self.checks, self.key, self.budget = candidates, trials, checks, key, budget
        self.deadline = time.monotonic() + LOAD * budget
        self.seconds: dict[str, float] = {}  # that each check took on the tree itself
        self.slow = False  # whether a check ran out of its time
        self.helpers: set[Unit] = set()  # functions of the student's own that were seen to run
        self._changes: dict[frozenset[Graft], dict[str, str]] = {}
        self._known: dict[tuple[frozenset[Graft], str], bool] = {}
        self._cases: dict[tuple[frozenset[Graft], str], tuple[Fact, ...]] = {}

    def trace(self, grafts: frozenset[Graft], checks: Collection[str]) -> dict[str, set[Unit]]:
        """The functions that each check runs, of those that differ from the reference's."""
        tried = self._try(grafts, checks, trace=True)
        changes = self.changes(grafts) if tried else {}
        self._known.update({(grafts, check): self._passes(check, each) for check, each in tried.items()})
        places = {place for each in tried.values() for place in each.ran}
        units = {place: self.candidates.at(place, changes.get(place[0])) for place in places}
        self.helpers |= {self.candidates.helper_at(place, changes.get(place[0])) for place in places} - {None}
        return {check: {units[place] for place in each.ran} - {None} for check, each in tried.items()}

    def observed(self, grafts: Iterable[Graft], checks: Collection[str]) -> dict[str, Observation]:
        """What checks observe on a variant."""
        return {check: _observation(tried) for check, tried in self._try(frozenset(grafts), checks).items()}

    def lack(self, grafts: Iterable[Graft], checks: Collection[str]) -> bool:
        """Whether a check stops at an attribute that is not there."""
        failures = [each.failure for each in self.observed(grafts, checks).values()]
        return any(failure is not None and failure.attribute is not None for failure in failures)

    def cases(self, grafts: Iterable[Graft], expressions: Sequence[str]) -> tuple[Fact, ...]:
        """What comes of expressions on small inputs, the smallest first; stubs that grafts run into are filled."""
        check, key = self.trials.add_cases(expressions), frozenset(grafts)
        if (key, check) not in self._cases:
            self._cases[key, check] = self._tried_cases(key, check)
        return self._cases[key, check]

    def _tried_cases(self, grafts: frozenset[Graft], check: str) -> tuple[Fact, ...]:
        facts: tuple[Fact, ...] = ()
        for _ in range(STUB_ROUNDS):
            tried = self._try(grafts, [check]).get(check)
            facts = tried.facts if tried is not None else ()
            filled = self._filled({stub for fact in facts if (stub := stub_of(fact)) is not None})
            if not grafts or filled <= grafts:  # the tree itself shows its stubs, as at the prompt
                break
            grafts |= filled
        return facts

    def mends(self, grafts: Iterable[Graft], checks: Collection[str]) -> set[str]:
        """The checks that pass with these functions in place; stubs in which a check ends are filled."""
        grafts = frozenset(grafts)
        waiting = [check for check in checks if (grafts, check) not in self._known]
        if waiting:
            passing = self._passing(grafts, waiting)
            self._known.update({(grafts, check): check in passing for check in waiting})
        return {check for check in checks if self._known[grafts, check]}

    def _passing(self, grafts: frozenset[Graft], checks: Collection[str]) -> set[str]:
        for _ in range(STUB_ROUNDS):
            tried = self._try(grafts, checks)
            ended = {each.failure.stub for each in tried.values() if each.failure is not None and each.failure.stub}
            filled = self._filled(ended)
            if filled <= grafts:
                break
            grafts |= filled
        return {check for check, each in tried.items() if self._passes(check, each)}

    def _filled(self, ended: Collection[str]) -> set[Graft]:
        """The grafts for the stubs of tasks."""
        return {Graft(unit) for task in ended for unit in self.candidates.stubs(TaskId(task))}

    def _try(self, grafts: frozenset[Graft], checks: Collection[str], trace: bool = False) -> dict[str, Tried]:
        left = self.deadline - time.monotonic()
        if left <= 0 or self.trials.seconds >= self.budget:
            raise TimeUpError
        most = min(left, self.budget - self.trials.seconds + LEAST_SECONDS)
        seconds = {check: min(most, max(LEAST_SECONDS, PATIENCE * self.seconds.get(check, 0.0))) for check in checks}
        try:
            changes = self.changes(grafts)
        except (SyntaxError, ValueError, RecursionError):  # a text in which the reference's function finds no place
            return {}
        limit = min(left, sum(seconds.values()) + LOAD * LEAST_SECONDS)  # a tree may hang outside of its checks
        tried = self.trials.run(changes, seconds, limit, trace)
        self.slow |= any(not each.ended or (each.failure and each.failure.timeout) for each in tried.values())
        return tried

    def changes(self, grafts: frozenset[Graft]) -> dict[str, str]:
        """The files of a variant that differ from the tree's; most variants are asked for several times."""
        if grafts not in self._changes:
            self._changes[grafts] = self._transplanted(grafts)
        return self._changes[grafts]

    def _transplanted(self, grafts: frozenset[Graft]) -> dict[str, str]:
        changed: dict[str, str] = {}
        for graft in sorted(grafts, key=lambda graft: (graft.unit.file, graft.twin, graft.unit.name)):
            file, names = graft.unit.file, [graft.unit.name]
            source = changed.get(file) or self.candidates.text(file)
            mutated: dict[str, str] = {}
            for mistake in graft.mistakes:
                mutated = mistake.changes(mutated)
            reference = mutated.get(file) or self.candidates.reference[file]
            changed[file] = transplanted(source, reference, [] if graft.twin else names, names if graft.twin else [])
            parsed(changed[file])  # SyntaxError where it found no place
        return changed

    def _passes(self, check: str, tried: Tried) -> bool:
        return judge_check(self.checks[check], _observation(tried), self.key[check]).passed


def _observation(tried: Tried) -> Observation:
    return Observation(list(tried.facts), failure=tried.failure, ended=tried.ended)


def stub_of(case: Fact) -> str | None:
    """The task whose stub a smallest case ended in."""
    shown = case.observed["mapping"] if isinstance(case.observed, Mapping) and "mapping" in case.observed else {}
    kind, _, message = str(shown.get("error", "")).partition(": ")
    return stub_told(kind, message)
