"""Sets of mistakes: each is really made, and what is hidden at first counts once it is named."""

from grader.course.milestones import load_milestone
from grader.course.mistakes import load_mistakes
from proofs import company
from proofs.explained import Found

ADAM = ("adam-uphill", "adam-rate-of-all-groups-alike", "adam-corrected-moments-kept")


def test_a_mistake_behind_the_return_of_another_is_not_made():
    known = {mistake.id: mistake for mistake in load_mistakes(load_milestone(4))}
    uphill, rate, returns = (known[name] for name in ADAM)
    assert company.made([uphill, rate])
    assert not company.made([returns, rate]) and not company.made([rate, returns])


def test_what_is_named_is_mended_before_the_rest_is_tried(monkeypatch):
    chosen = load_mistakes(load_milestone(1))[:3]
    first, second, third = (mistake.id for mistake in chosen)
    rounds = []

    def explained(cases, workers):
        rounds.append(sorted(cases))
        named = {"soon": [[first], [second, third]], "never": [[first], []], "at once": [[first, second, third]]}
        names = {name: [(each, 1.0) for each in named[name][len(rounds) - 1]] for name in cases}
        return {name: Found(1, [], [], 0, found) for name, found in names.items()}

    monkeypatch.setattr(company, "explain_all", explained)
    monkeypatch.setattr(company, "changes_of", lambda mistakes: {})
    sets = dict.fromkeys(["soon", "never", "at once"], chosen)
    assert company.named_in_rounds(sets, 1) == ({"soon", "never"}, {"never"})
    assert rounds == [["at once", "never", "soon"], ["never", "soon"]]


def test_one_task_is_drawn_as_in_the_whole():
    drawn = company.drawn_sets(["2.5"], 1)
    assert {name.rpartition(",")[2] for name in drawn} == {" set 1"} and len(drawn) == len(company.SIZES)
    assert company.drawn_sets(["2.5"], 1) == drawn
