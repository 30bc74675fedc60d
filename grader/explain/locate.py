"""Finds the functions at fault: those of which the reference's version makes failing checks pass.

The likeliest candidates come first. The reference's version takes the place of each, one at a time. Where one of
forward and backward needs what its partner keeps, both are tried, and the one that differs is named. What no function
alone mends is tried again on top of those that are named, and then with all candidates at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from grader.course.milestones import Task
from grader.source.transplant import has_pair
from grader.verdict.judge import CheckVerdict

from .candidates import Candidates, Place
from .explanation import Explanation, Fault, Unit, partner
from .variants import Graft, TimeUpError, Variants

FAILING_SECONDS, PASSED_SECONDS = 0.3, 0.1  # of the checks that are tried, the quickest, and of the passed ones
ROUNDS = 4
MOST_TOGETHER = 10  # candidates that are tried at once

Mended = dict[Graft, set[str]]


@dataclass
class Locator:
    """Locates the faults of one tree, task after task."""

    candidates: Candidates
    variants: Variants
    named: dict[Graft, None] = field(default_factory=dict)  # the faults that earlier tasks showed, in order

    def task(self, task: Task, verdicts: Sequence[CheckVerdict]) -> Explanation:
        """Where the failing checks of a task go wrong; those that passed tell which functions are suspect."""
        failing = [verdict for verdict in verdicts if not verdict.passed and verdict.stub is None]
        chosen = quickest(failing, FAILING_SECONDS) or sorted(failing, key=_seconds)[:1]
        passed = quickest([verdict for verdict in verdicts if verdict.passed], PASSED_SECONDS)
        self.variants.seconds.update({verdict.check.id: verdict.seconds for verdict in verdicts})
        base, follows, found, more = frozenset(self.named), (), {}, False
        left = {verdict.check.id for verdict in chosen}
        alone: dict[Graft, set[str]] = {}
        try:
            follows = self._follow(left)
            left = left.difference(*(fault.checks for fault in follows))
            if left:
                runs, left = self._runs(task, base, [each for each in chosen if each.check.id in left], passed)
                self._alone(base, runs, left, found)
                self._together(base, runs, left, found)
                alone = {graft: self.variants.mends([graft], found[graft]) for graft in cover(found)}
        except TimeUpError:
            more = True
        named = cover(found)
        self.named.update(dict.fromkeys(named))
        return Explanation(
            failing=frozenset(verdict.check.id for verdict in chosen),
            follows=follows,
            faults=tuple(
                Fault(
                    graft.unit,
                    frozenset(found[graft]),
                    frozenset(alone.get(graft, ())),
                    graft.twin,
                    helpers=self.candidates.helpers(graft.unit, self.variants.helpers),
                    change=self.candidates.change(graft.unit),
                )
                for graft in named
            ),
            left=frozenset(left.difference(*(found[graft] for graft in named))),
            more=more,
        )

    def _runs(
        self, task: Task, base: frozenset[Graft], failing: Sequence[CheckVerdict], passed: Sequence[CheckVerdict]
    ) -> tuple[dict[Unit, set[str]], set[str]]:
        """The candidates, the likeliest first, with the failing checks that run them, and the checks that do fail."""
        hangs = {each.check.id: each.failure.hang for each in failing if each.failure and each.failure.hang}
        lacking = {each.failure.attribute for each in failing if each.failure and each.failure.attribute}
        others = [each.check.id for each in [*failing, *passed] if each.check.id not in hangs]
        units = self.variants.trace(base, others)
        left = {each.check.id for each in failing}
        left -= self.variants.mends(base, left - hangs.keys())  # it passes here: what ran before it is to blame
        units.update({check: self._looping((hang.file, hang.line)) for check, hang in hangs.items()})
        runs = {
            unit: {check for check in left if unit in units.get(check, ())}
            for unit in self.candidates.ordered(units, left, task.id)
        }
        return {**runs, **{unit: left for unit in self.candidates.missing(task.id, lacking) if unit not in runs}}, left

    def _looping(self, place: Place) -> set[Unit]:
        """The function that did not end, or those that call it, if it is of the student's own."""
        helper = self.candidates.helper_at(place)
        if helper is None:
            return {self.candidates.at(place)} - {None}
        self.variants.helpers.add(helper)
        return self.candidates.callers(helper)

    def _follow(self, checks: set[str]) -> tuple[Fault, ...]:
        """The earlier faults that explain checks: each for those that it mends alone, or all for what they mend."""
        mended = self.variants.mends(self.named, checks) if self.named and checks else set()
        follows = []
        for graft in self.named if mended else ():
            own = self.variants.mends([graft], mended)
            if own:
                follows.append(Fault(graft.unit, frozenset(own), twin=graft.twin))
                mended -= own
        if mended:
            follows += [Fault(graft.unit, frozenset(mended), twin=graft.twin) for graft in self.named]
        return tuple(follows)

    def _alone(self, base: frozenset[Graft], runs: dict[Unit, set[str]], left: set[str], found: Mended) -> None:
        """Try one candidate after the other, until each check has been mended by one."""
        waiting = set(left)
        for unit, checks in runs.items():
            scope = checks & left
            if scope & waiting:
                graft, mended = self._best(base, unit, scope, found)
                if mended:
                    found[graft] = found.get(graft, set()) | mended
                    waiting -= mended
            if not waiting:
                return

    def _best(self, base: frozenset[Graft], unit: Unit, scope: set[str], found: Mended) -> tuple[Graft, set[str]]:
        """What a candidate mends, alone or with what it needs of its partner."""
        plain = Graft(unit)
        mended = self.variants.mends(base | {plain}, scope)
        if mended == scope or not has_pair(self.candidates.reference[unit.file], unit.name):
            return plain, mended
        other = self.candidates.unit(unit.file, partner(unit.name))
        partners = Graft(other) if other is not None else None
        if partners in found:
            both = self.variants.mends(base | {plain, partners}, scope)
            keeps_too_little = len(both) > len(mended) and self.variants.lack(base | {partners}, both)
            return (partners, both) if keeps_too_little else (plain, mended)
        twin = Graft(unit, twin=True)
        with_twin = self.variants.mends(base | {twin}, scope)
        return (twin, with_twin) if len(with_twin) > len(mended) else (plain, mended)

    def _together(self, base: frozenset[Graft], runs: dict[Unit, set[str]], left: set[str], found: Mended) -> None:
        """What no candidate mends alone: each on top of those that are named, and then all of them."""
        for _ in range(ROUNDS):
            named = cover(found)
            rest = left.difference(*(found[graft] for graft in named))
            if not rest or not named:
                break
            top = base | set(named)
            with_named = self.variants.mends(top, rest)
            for graft in named if with_named else ():  # each is needed for the checks that fail without it
                found[graft] |= with_named - self.variants.mends(top - {graft}, with_named)
            found[named[0]] |= with_named.difference(*(found[graft] for graft in named))
            rest -= with_named
            if not rest:
                break
            again = [*runs, *self.candidates.ordered(self.variants.trace(top, rest), rest, named[0].unit.task)]
            further: Mended = {}
            taken = {graft.unit for graft in top}
            self._alone(top, {unit: set(rest) for unit in again if unit not in taken}, rest, further)
            if not further:
                break
            found.update({graft: further[graft] for graft in cover(further)})
        named = cover(found)
        rest = left.difference(*(found[graft] for graft in named))
        if rest:
            self._least(base | set(named), [Graft(unit) for unit in runs if runs[unit] & rest], rest, found)

    def _least(self, top: frozenset[Graft], grafts: list[Graft], rest: set[str], found: Mended) -> None:
        """The candidates of which none can be left out."""
        needed = [graft for graft in grafts if graft not in top][:MOST_TOGETHER]
        mended = self.variants.mends(top | set(needed), rest) if len(needed) > 1 else set()
        if not mended:
            return
        for graft in list(needed):
            fewer = [other for other in needed if other is not graft]
            if self.variants.mends(top | set(fewer), mended) == mended:
                needed = fewer
        found.update({graft: set(mended) for graft in needed})


def cover(found: Mended) -> list[Graft]:
    """The candidates that together mend all that is mended: the one that mends most first, no one that adds nothing."""
    named, rest = [], set().union(*found.values())
    while rest:
        best = max(found, key=lambda graft: len(found[graft] & rest))
        named.append(best)
        rest -= found[best]
    return named


def quickest(verdicts: Iterable[CheckVerdict], seconds: float) -> list[CheckVerdict]:
    """The quickest checks, which together took at most so long."""
    chosen = []
    for verdict in sorted(verdicts, key=_seconds):
        seconds -= verdict.seconds
        if seconds >= 0:
            chosen.append(verdict)
    return chosen


def _seconds(verdict: CheckVerdict) -> float:
    return verdict.seconds
