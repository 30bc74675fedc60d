"""Names the mistake behind a fault: the catalogued one that, in the reference's function, does what the tree's does.

For each mistake of the function at fault, the reference's version with that mistake takes the function's place, and the
task's checks observe it, as they do the tree's own version and the right one, fact by fact. A fact speaks where one of
the first two differs from the last. A mistake that all facts speak for reproduces the student's function as far as the
checks can tell. Where several mistakes sit in one function, each is named for the facts that it shows alone, and what
one explains is no evidence for the next.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from grader.course.mistakes import Mistake
from grader.protocol import Expectation, Observation
from grader.source.graft import GraftError
from grader.verdict.compare import disagreement
from grader.verdict.key import Key
from grader.verdict.outcomes import alike, digest_of_fact

from .explanation import Fault, Named
from .variants import Graft, Variants

SHOWN = 0.9  # of the facts that go wrong under a mistake, those that must go wrong in the tree in the same way

Fact = tuple[str, int]  # a check, and the number of its fact; -1 for how it ended
Facts = Mapping[Fact, object]


def name_mistakes(
    fault: Fault, mistakes: Sequence[Mistake], base: Collection[Graft], checks: Collection[str], variants: Variants
) -> tuple[Named, ...]:
    """The mistakes that the function at fault shows, the surest first; the first that does all of it ends the search.

    mistakes: of that function. base: what else is the reference's. checks: those to observe.
    """
    if not mistakes:
        return ()
    student = facts_of(variants.observed(base, checks), variants.key)
    right = facts_of(variants.observed([*base, Graft(fault.unit, fault.twin)], checks), variants.key)
    wrong = _differing(student, right)
    shown: dict[Mistake, Facts] = {}
    for mistake in mistakes:
        try:
            tried = variants.observed([*base, Graft(fault.unit, fault.twin, mistake)], checks)
        except GraftError:  # the mutation is of a text that is no longer the reference's
            continue
        shown[mistake] = _differing(facts_of(tried, variants.key), right)
        if alike(shown[mistake], wrong):
            return (Named(mistake, 1.0),)
    return tuple(matches(wrong, shown))


def _differing(facts: Facts, right: Facts) -> dict[Fact, object]:
    return {fact: value for fact, value in facts.items() if not alike(value, right.get(fact))}


def matches(wrong: Facts, shown: Mapping[Mistake, Facts]) -> list[Named]:
    """The mistakes of which the wrong facts tell, the surest first. shown: what goes wrong under each mistake."""
    named, rest = [], dict(wrong)
    possible = {mistake: facts for mistake, facts in shown.items() if facts and _share(facts, wrong) >= SHOWN}
    while rest and possible:
        best = max(possible, key=lambda mistake: _share(possible[mistake], wrong) * _hits(possible[mistake], rest))
        facts = possible.pop(best)
        new = _hits(facts, rest)
        if new:
            named.append(Named(best, round(_share(facts, wrong) * new / len(rest), 2)))
            rest = {fact: value for fact, value in rest.items() if fact not in facts}
    return named


def _share(facts: Facts, wrong: Facts) -> float:
    """Of the facts that go wrong under a mistake, the share that goes wrong in the tree in the same way."""
    return _hits(facts, wrong) / len(facts)


def _hits(facts: Facts, wrong: Facts) -> int:
    return sum(fact in wrong and alike(value, wrong[fact]) for fact, value in facts.items())


def facts_of(observations: Mapping[str, Observation], key: Key) -> dict[Fact, object]:
    """What was observed, fact by fact, as data to compare; how a check was stopped is a fact as well."""
    facts: dict[Fact, object] = {}
    for check, observation in observations.items():
        for position, (fact, expectation) in enumerate(zip(observation.facts, key[check], strict=False)):
            facts[check, position] = digest_of_fact(fact, expectation) if _holds_not(fact, expectation) else "right"
        failure = observation.failure
        facts[check, -1] = None if failure is None else ("timeout" if failure.timeout else failure.type)
    return facts


def _holds_not(fact, expectation: Expectation) -> bool:
    return fact.kind != expectation.kind or disagreement(expectation, fact.observed) is not None
