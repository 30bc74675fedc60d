"""Names the mistake behind a fault: the catalogued one that, in the reference's function, does what the tree's does.

For each mistake of the function at fault, the reference's version with that mistake takes the function's place, and the
task's checks observe it, as they do the tree's own version and the right one, fact by fact. A fact speaks where one of
the first two differs from the last. A mistake that all facts speak for reproduces the student's function as far as the
checks can tell. Where several mistakes sit in one function, each is named for the facts that it shows alone, and what
one explains is not evidence for the next.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from grader.course.mistakes import Mistake
from grader.protocol import Expectation, Observation
from grader.source.graft import GraftError
from grader.verdict.compare import disagreement
from grader.verdict.key import Key
from grader.verdict.outcomes import alike, digest_of_fact

from .explanation import Fault, Named
from .smallest import alike_in_cases
from .variants import Graft, TimeUpError, Variants, graft_of

SHOWN = 0.9  # of the facts that go wrong under a mistake, those that must go wrong in the tree in the same way
NEAR = 0.6  # of the facts that go wrong in the tree or under a mistake, those that go wrong in both in the same way
LEAST = 0.4  # of what goes wrong in the tree, what a mistake must explain to be named; of what it does, a milder form
MILDER = 0.5  # the confidence in a mistake of which the tree shows a milder form
PARTLY = 0.85  # the most for a mistake that does not do all that goes wrong
MOST_TOGETHER = 5  # mistakes in one function
MOST_PAIRED = 8  # mistakes of one function that are all tried with one another

Fact = tuple[str, int]  # a check, and the number of its fact; -1 for how it ended
Facts = Mapping[Fact, object]


def name_mistakes(
    fault: Fault,
    mistakes: Sequence[Mistake],
    base: Collection[Graft],
    checks: Collection[str],
    expressions: Sequence[str],
    variants: Variants,
) -> tuple[Named, ...]:
    """The mistakes that the function at fault shows, the surest first; those that do all of it end the search.

    mistakes: of that function. base: what else is the reference's. checks: those to observe. expressions: those of the
    smallest cases, in which a mistake must do as the tree does to be sure.
    """
    if not mistakes:
        return ()
    student = facts_of(variants.observed(base, checks), variants.key)
    right = facts_of(variants.observed([*base, graft_of(fault)], checks), variants.key)
    wrong = _differing(student, right)
    if not wrong:  # what goes wrong could not be seen here
        return ()
    sure = 1.0 if fault.checks <= _checks(wrong) else MILDER

    def shown_by(chosen: Sequence[Mistake]) -> Facts:
        """What goes wrong under some mistakes at once; nothing where they are in one another's way."""
        try:
            tried = variants.observed([*base, graft_of(fault, chosen)], checks)
        except GraftError:
            return {}
        return _differing(facts_of(tried, variants.key), right)

    def same(chosen: Sequence[Mistake]) -> bool:
        """Whether the smallest cases do not tell mistakes from the tree."""
        return alike_in_cases(expressions, base, [*base, graft_of(fault, chosen)], variants)

    shown: dict[Mistake, Facts] = {}
    like: list[Sequence[Mistake]] = []  # what does all that goes wrong, though the smallest cases tell it apart
    for mistake in mistakes:
        shown[mistake] = shown_by([mistake])
        if alike(shown[mistake], wrong):
            if same([mistake]):
                return (Named(mistake, sure),)
            like.append([mistake])
    try:
        found = _together(wrong, {each: facts for each, facts in shown.items() if [each] not in like}, shown_by)
        like += [found] if found else []
        joined = ((chosen, facts) for each in like for chosen, facts in _joined(each, mistakes, shown_by))
        for chosen, facts in itertools.chain([(found, wrong)] if found else [], joined):
            if alike(facts, wrong) and same(chosen):
                return tuple(Named(each, sure) for each in _once(chosen))
    except TimeUpError:  # what each does alone is known
        variants.slow = True
    return tuple(Named(each, MILDER) for each in _once(like[0])) if like else tuple(matches(wrong, shown))


def _together(
    wrong: Facts, shown: Mapping[Mistake, Facts], shown_by: Callable[[Sequence[Mistake]], Facts]
) -> Sequence[Mistake]:
    """Mistakes that together do all that goes wrong: the likeliest, and what brings it nearer; none if nothing does.

    Where none alone does anything of it, as with two factors of one number, each of a few is the first.
    """
    best, chosen = 0.0, []
    nearest = [([mistake], facts) for mistake, facts in shown.items()]
    if len(nearest) <= MOST_PAIRED and not any(_hits(facts, wrong) for facts in shown.values()):
        known = list(shown)
        nearest = [pair for place, each in enumerate(known) for pair in _joined([each], known[place + 1 :], shown_by)]
    while nearest and len(chosen) < MOST_TOGETHER:
        chosen, facts = max(nearest, key=lambda each: _likeness(each[1], wrong))
        if _likeness(facts, wrong) <= best:
            return []
        best = _likeness(facts, wrong)
        if best == 1.0:
            return chosen
        nearest = list(_joined(chosen, [mistake for mistake, facts in shown.items() if facts], shown_by))
    return []


def _joined(
    chosen: Sequence[Mistake], others: Iterable[Mistake], shown_by: Callable[[Sequence[Mistake]], Facts]
) -> Iterator[tuple[Sequence[Mistake], Facts]]:
    """Some mistakes with each one more, in an order in which they can be made, and what goes wrong under them."""
    for other in others:
        if other not in chosen:
            last, first = [*chosen, other], [other, *chosen]
            facts = shown_by(last)
            yield (last, facts) if facts else (first, shown_by(first))


def _once(mistakes: Sequence[Mistake]) -> list[Mistake]:
    """One of the forms of each mistake: a function may show the same mistake in two places."""
    return list({each.id: each for each in mistakes}.values())


def _likeness(facts: Facts, wrong: Facts) -> float:
    """Of the facts that go wrong on either side, the share that goes wrong on both in the same way."""
    return _hits(facts, wrong) / len({**facts, **wrong}) if facts else 0.0


def _differing(facts: Facts, right: Facts) -> dict[Fact, object]:
    return {fact: value for fact, value in facts.items() if not alike(value, right.get(fact))}


def matches(wrong: Facts, shown: Mapping[Mistake, Facts]) -> list[Named]:
    """The mistakes of which the wrong facts tell, the surest first. shown: what goes wrong under each mistake."""
    found: list[tuple[Mistake, float, int]] = []  # with its share, and how many facts it alone explains
    rest = dict(wrong)
    possible = {mistake: facts for mistake, facts in shown.items() if facts and _share(facts, wrong) >= SHOWN}
    while rest and possible:
        best = max(possible, key=lambda mistake: _share(possible[mistake], wrong) * _hits(possible[mistake], rest))
        facts = possible.pop(best)
        new = _hits(facts, rest)
        if new:
            found.append((best, _share(facts, wrong), new))
            rest = {fact: value for fact, value in rest.items() if fact not in facts}
    found = list({each.id: (each, share, new) for each, share, new in reversed(found)}.values())[::-1]
    shares = [(each, share * (new / len(wrong) if rest else 1)) for each, share, new in found]
    named = [Named(each, min(PARTLY, round(share, 2))) for each, share in shares if share >= LEAST]
    named.sort(key=lambda each: -each.confidence)
    return named or milder(wrong, shown) or nearest(wrong, shown)


def milder(wrong: Facts, shown: Mapping[Mistake, Facts]) -> list[Named]:
    """The only mistake that does all that goes wrong in the tree, and more: the tree has a milder form of it.

    Of one that does much more the tree shows what many another thought would do as well.
    """
    stronger = [mistake for mistake, facts in shown.items() if wrong and _hits(facts, wrong) == len(wrong)]
    near = [mistake for mistake in stronger if _share(shown[mistake], wrong) >= LEAST]
    return [Named(near[0], MILDER)] if near and len({mistake.id for mistake in stronger}) == 1 else []


def nearest(wrong: Facts, shown: Mapping[Mistake, Facts]) -> list[Named]:
    """The mistake under which most goes wrong in the same way as in the tree, if that is most of both."""
    best = max(shown, key=lambda mistake: _likeness(shown[mistake], wrong), default=None)
    return [Named(best, MILDER)] if best is not None and _likeness(shown[best], wrong) >= NEAR else []


def _checks(facts: Facts) -> set[str]:
    return {check for check, _ in facts}


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
        facts[check, -1] = "lost" if not observation.ended else failure.type if failure is not None else None
    return facts


def _holds_not(fact, expectation: Expectation) -> bool:
    return fact.kind != expectation.kind or disagreement(expectation, fact.observed) is not None
