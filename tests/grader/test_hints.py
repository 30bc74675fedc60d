"""`nox -s hint`: the ladder, what the last run named, and problems whose lines are put in order."""

import dataclasses
import itertools
import json
import os
import random
import re
import sys

import pytest

from grader import last_run
from grader.command import COMMAND
from grader.course import hints
from grader.course.milestones import course
from grader.course.mistakes import load_mistakes
from grader.course.parsons import Wrong, parsons
from grader.errors import CourseError
from grader.files import REPOSITORY
from grader.last_run import Cause, cause_of, remember
from grader.practice import hint
from grader.task_id import TaskId
from tests.waiting import until

if os.name != "nt":
    from tests.terminals import Terminal

PROBLEMS = {
    task_id: each.problem
    for milestone in course()
    for task_id, ladder in hints.hints(milestone.folder / "hints.md").items()
    for each in ladder
    if each.problem is not None
}
MANY = "1. One.\n   - wrong, c-d: C. => D.\n   - a: A." + "".join(f"\n   - {x}, after a: B." for x in "bcdefghijk")
ENGINE = "neural_framework/autodiff/engine.py"


@pytest.fixture
def ask(tmp_path, monkeypatch, tree):
    """Calls for a hint about a tree of which nothing is known, with answers for a terminal; what was printed."""
    monkeypatch.setattr(last_run, "FOLDER", tmp_path / "named")

    def asked(task, *answers, **options):
        waiting = iter(answers)
        terminal = bool(answers)
        monkeypatch.setattr("builtins.input", lambda prompt: print(prompt) or next(waiting))
        for stream in ("stdin", "stdout"):
            monkeypatch.setattr(f"sys.{stream}.isatty", lambda: terminal)
        assert hint.run_hint(tree, task, progress=tmp_path / "hints.json", **options) == 0
        assert next(waiting, None) is None

    return asked


def section(tmp_path, text):
    """The hints of a document with one section."""
    document = tmp_path / "milestone7_any" / "hints.md"
    document.parent.mkdir(exist_ok=True)
    document.write_text(f"# Hints\n\n## 7.3\n{text}\n\n## 7.4\n1. Other.\n", encoding="utf-8")
    return hints.hints(document)[TaskId("7.3")]


def test_each_call_shows_one_hint_more_and_says_first_which(ask, capsys):
    shown = []
    for _ in range(4):
        ask("2.4")
        shown.append(capsys.readouterr().out)
    assert [text.splitlines()[0] for text in shown] == [f"2.4 Unbroadcast: hint {count} of 3" for count in (1, 2, 3, 3)]
    assert all(len(re.findall(r"^  \d\. ", text, re.MULTILINE)) == count for count, text in enumerate(shown[:3], 1))
    assert shown[0].splitlines()[2] in shown[1] and f"the next: {COMMAND} -s hint -- 2.4" in shown[1]
    assert "that was the last one" in shown[2] and shown[3] == shown[2]


@pytest.mark.parametrize("damage", ["{", "[]", '{"2.4": "x"}', '{"2.4": Infinity}', "\0"])
def test_a_damaged_record_begins_again(ask, tmp_path, capsys, damage):
    (tmp_path / "hints.json").write_text(damage, encoding="utf-8")
    ask("2.4")
    assert "hint 1 of 3" in capsys.readouterr().out
    assert json.loads((tmp_path / "hints.json").read_text(encoding="utf-8")) == {"2.4": 1}


# What the last run named


def test_what_a_run_named_comes_before_the_hints_until_the_file_changes(tree, quick_grader, capsys, ask):
    engine = tree / ENGINE
    text = engine.read_text(encoding="utf-8")
    engine.write_text(text.replace("    order.reverse()\n", ""), encoding="utf-8")
    screen = quick_grader("milestone", 2, "--tree", tree, "--task", "2.1").screen
    assert f"or: {COMMAND} -s hint -- 2.1 --tree" in " ".join(screen.split())
    ask("2.1")
    shown = capsys.readouterr().out
    lesson, first = shown.partition("\n  1. ")[::2]
    assert "this mistake (almost certainly): topological_sort does not reverse the list" in " ".join(lesson.split())
    assert "nf.topological_sort(x.exp().log())" in lesson and "yours ['Exp', 'Log']" in lesson
    assert "right ['Log', 'Exp']" in lesson and "Reverse the list at the end." in " ".join(lesson.split())
    assert "Question: Follow topological_sort" in lesson and "README.md, section 2.1" in lesson
    assert first

    ask("2.2")  # of which that run said nothing
    assert "The last run" not in capsys.readouterr().out

    engine.write_text(text, encoding="utf-8")
    ask("2.1")
    shown = " ".join(capsys.readouterr().out.split())
    assert f"The last run named a mistake, but {ENGINE} has changed since" in shown
    assert f"To look again: {COMMAND} -s milestone2 -- 2.1 --tree " in shown and "Exp" not in shown

    quick_grader("milestone", 2, "--tree", tree, "--task", "2.1", "--fast")
    ask("2.1")
    assert "The last run" not in capsys.readouterr().out


def named(tree, **other):
    """What a run named, and that nothing has changed since."""
    cause = Cause("order-not-reversed", "2.1", "perhaps", ENGINE, last_run.digests(tree)[ENGINE])
    return dataclasses.replace(cause, **other)


@pytest.mark.parametrize(
    ("case", "asked"),
    [
        ({}, "Does this describe your topological_sort, and if so, where?"),
        ({"certainty": "probably"}, "Where in topological_sort does this happen, and what"),
        ({"code": ("x",), "yours": "1.", "right": "2."}, "Follow topological_sort through this case by hand"),
        ({"code": ("x",), "yours": "TypeError: no", "right": "2."}, "Which line of topological_sort leads to this"),
        ({"code": ("x",), "yours": "1.", "right": "ShapeError: no"}, "Where must topological_sort refuse this"),
    ],
)
def test_the_question_is_about_what_the_smallest_case_shows(ask, tree, capsys, case, asked):
    remember({"2.3": named(tree, **case)}, tree)
    ask("2.3")
    shown = " ".join(capsys.readouterr().out.split())
    assert f"Question: {asked}" in shown
    assert f"this mistake ({case.get('certainty', 'perhaps')})" in shown
    assert ("depth-first" in shown) == ("certainty" in case)  # what is only perhaps so is not explained


def test_what_a_run_names_replaces_what_the_one_before_named(tree, tmp_path):
    remember({"2.1": named(tree), "2.2": named(tree)}, tree, tmp_path)
    remember({"2.1": None}, tree, tmp_path)
    assert cause_of("2.1", tree, tmp_path) is None and cause_of("2.2", tree, tmp_path) == named(tree)
    assert cause_of("2.2", tmp_path, tmp_path) is None  # another tree
    remember({"2.3": named(tree)}, tree, tmp_path)
    assert cause_of("2.1", tree, tmp_path) == named(tree)  # to which the mistake belongs


@pytest.mark.parametrize(
    "damage", ["", "[]", '{"2.1": 3}', '{"2.1": {}}', '{"2.1": {"mistake": 1}}', "[" * 100_000, "\0", "of", "file"]
)
def test_damaged_results_say_nothing(ask, tree, tmp_path, capsys, damage):
    remember({"2.1": named(tree)}, tree)
    (path,) = (tmp_path / "named").iterdir()
    if damage in ("of", "file"):
        kept = json.loads(path.read_text(encoding="utf-8"))
        kept["2.1"].update({"task": "9.9"} if damage == "of" else {"file": 3})
        damage = json.dumps(kept)
    path.write_text(damage, encoding="utf-8")
    ask("2.1")
    shown = capsys.readouterr().out
    assert "hint 1 of 3" in shown and "The last run" not in shown


# Problems whose lines are put in order


def test_four_tasks_have_a_problem_with_two_lines_that_are_mistakes_of_the_task():
    assert {"2.1", "2.2", "3.4", "4.9"} <= PROBLEMS.keys()
    mistakes = {one.id: one.task for milestone in course() for one in load_mistakes(milestone)}
    for task_id, problem in PROBLEMS.items():
        assert [mistakes[line.mistake] for line in problem.wrong] == [task_id, task_id]
        assert len({line.mistake for line in problem.wrong}) == 2
        assert all(line.text[-1] in ".!?" for line in (*problem.right, *problem.wrong))
        assert all(line.outcome[-1] == "." for line in problem.wrong)


@pytest.mark.parametrize("task_id", PROBLEMS)
def test_what_may_be_swapped_is_accepted_and_nothing_else(task_id):
    problem = PROBLEMS[task_id]
    stated = list(problem.right)
    assert problem.solved_by(stated)
    needs = {line.name: set(line.after) for line in stated}
    for _ in stated:  # and what those need
        needs = {name: some.union(*(needs[one] for one in some)) for name, some in needs.items()}
    for place, (one, other) in enumerate(itertools.pairwise(stated)):
        swapped = [*stated[:place], other, one, *stated[place + 2 :]]
        assert problem.solved_by(swapped) == (one.name not in needs[other.name])
    for place in range(len(stated)):
        assert not problem.solved_by(stated[:place] + stated[place + 1 :])
        for wrong in problem.wrong:
            assert not problem.solved_by([*stated[:place], wrong, *stated[place:]])
            assert not problem.solved_by([*stated[:place], wrong, *stated[place + 1 :]])
    assert not problem.solved_by([*stated, stated[0]])
    for seed in range(50):
        shuffled = problem.shuffled(seed)
        assert set(shuffled) == {*stated, *problem.wrong} and shuffled == problem.shuffled(seed)
        assert not problem.solved_by([line for line in shuffled if not isinstance(line, Wrong)])


@pytest.mark.parametrize("task_id", PROBLEMS)
def test_each_wrong_line_is_answered_by_what_would_happen(ask, tmp_path, capsys, task_id):
    problem = PROBLEMS[task_id]
    letters = dict(zip(problem.shuffled(f"{task_id} 5"), "abcdefghijkl", strict=False))
    hints.remember(task_id, 1, tmp_path / "hints.json")
    stated = [letters[line] for line in problem.right]
    used = [" ".join([*stated, letters[line]]) for line in problem.wrong]
    ask(task_id, *used, " ".join(stated), seed=5)
    shown = " ".join(capsys.readouterr().out.split())
    for line in problem.wrong:
        assert f"{letters[line]}: {' '.join(line.outcome.split())}" in shown
    assert "right the next:" in shown and "The order:" not in shown
    assert hints.seen(task_id, tmp_path / "hints.json") == 2


def test_three_tries_and_then_the_order(ask, tmp_path, capsys):
    problem = PROBLEMS["4.9"]
    letters = {
        line.name: letter
        for line, letter in zip(problem.shuffled("4.9 5"), "abcdefghi", strict=True)
        if not isinstance(line, Wrong)
    }
    names = ["clear", "loss", "finite", "backward", "check", "clip", "step"]
    early = [letters[name] for name in ("loss", "finite", "backward", "clear", "check", "clip", "step")]
    hints.remember("4.9", 1, tmp_path / "hints.json")
    answers = ["a z", "a a", "".join(early), ", ".join(letters[name] for name in names[1:]), letters["step"].upper()]
    ask("4.9", *answers, seed=5)
    shown = " ".join(capsys.readouterr().out.split())
    assert shown.count("type letters from a to i, each at most once") == 2  # which do not count as tries
    assert f"{letters['backward']} needs {letters['clear']} before it (2 more tries)" in shown
    assert "a line is missing (1 more try)" in shown and "6 lines are missing The order: - Clear the" in shown
    assert hints.seen("4.9", tmp_path / "hints.json") == 2


def test_an_empty_line_shows_the_order_and_q_asks_again_next_time(ask, tmp_path, capsys):
    hints.remember("3.4", 1, tmp_path / "hints.json")
    ask("3.4", "q")
    assert "The order:" not in capsys.readouterr().out and hints.seen("3.4", tmp_path / "hints.json") == 1
    ask("3.4", "")
    assert "The order:" in capsys.readouterr().out and hints.seen("3.4", tmp_path / "hints.json") == 2


def test_without_a_terminal_the_problem_alone_is_shown(ask, tmp_path, capsys):
    hints.remember("2.2", 1, tmp_path / "hints.json")
    ask("2.2")
    shown = capsys.readouterr().out
    assert "Put these lines in order. 2 of them are wrong" in shown and "type the letters" not in shown
    assert [letter for letter in "abcdefghi" if f"\n     {letter}  " in shown] == list("abcdefghi")
    ask("2.2")
    assert "Put these lines" not in (shown := capsys.readouterr().out) and "     - The sum of the tensor" in shown


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals")
@pytest.mark.parametrize("leave", ["q\n", "\x03", "\x04"])
def test_at_a_terminal(tmp_path, leave):
    code = "import sys; from pathlib import Path; from grader.practice.hint import run_hint\n"
    code += "progress = Path(sys.argv[1])\nsys.exit(run_hint(Path('solutions'), '2.1', 5, progress))"
    (tmp_path / "hints.json").write_text('{"2.1": 1}', encoding="utf-8")
    command = [sys.executable, "-c", code, tmp_path / "hints.json"]
    terminal = Terminal(command, REPOSITORY, {"PYTHONPATH": str(REPOSITORY)})
    try:
        for asked, answer in enumerate(["a\n", leave], 1):
            until(lambda asked=asked: terminal.text.count("the order: ") == asked, lambda: terminal.text)
            terminal.press(answer)
        assert terminal.ended() == 0
    finally:
        terminal.close()
    assert "2 more tries" in terminal.text and "Traceback" not in terminal.text
    assert hints.seen("2.1", tmp_path / "hints.json") == 1


# The format


def test_the_example_of_the_format_is_read(tmp_path):
    _, _, about = (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("\n## Hints\n")
    _, number, example = about.partition("\n    2. ")
    text = "1. One." + number + example.partition("\n\n")[0]
    problem = section(tmp_path, text.replace("\n    ", "\n"))[1].problem
    assert [(line.name, line.after) for line in problem.right] == [
        ("boil", ()),
        ("warm", ()),
        ("pour", ("boil", "warm")),
    ]
    assert [line.mistake for line in problem.wrong] == ["leaves-first"]


def test_any_task_may_have_a_problem_without_a_line_of_code(tmp_path):
    text = "1. First.\n2. Second,\n   in two lines:\n   - boil: Boil the\n     water.\n"
    text += "   - pour, after boil: Pour: slowly.\n   - drink, after boil, pour: Drink.\n"
    text += "   - wrong, tea-first: Drink the leaves. => They are dry.\n3. Third."
    first, second, third = section(tmp_path, text)
    assert (first.text, second.text, third.text) == ("First.", "Second, in two lines:", "Third.")
    assert [(line.name, line.text, line.after) for line in second.problem.right] == [
        ("boil", "Boil the water.", ()),
        ("pour", "Pour: slowly.", ("boil",)),
        ("drink", "Drink.", ("boil", "pour")),
    ]
    assert second.problem.wrong == (Wrong("tea-first", "Drink the leaves.", "They are dry."),)
    assert first.problem is None is third.problem


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no number"),
        ("Text alone.", "no number"),
        ("Text.\n1. One.", "has 1"),
        ("1. One.\n3. Three.", "numbered 1, 2, 3, and this one has 1, 3"),
        ("2. Two.", "has 2"),
        ("1. - a: A.", "hint 1: a hint begins with a sentence"),
        ("1. One.\n   - no colon", "'no colon' is not a line of a Parsons problem: write `name: text`"),
        ("1. One.\n   - wrong: A.", "'wrong: A.' is not a line of a Parsons problem"),
        ("1. One.\n   - a: A.\n   - wrong, some-id: B.", "'wrong, some-id: B.' is not a line of a Parsons problem"),
        ("1. One.\n   - a: A.\n   - a: B.", "two lines of the Parsons problem are called a"),
        ("1. One.\n   - a, after b: A.\n   - b: B.", "a comes after b, which is not the name of a line above it"),
        ("1. One.\n   - a: A.\n   - b, after a: B.", "needs a line that is wrong"),
        ("1. One.\n   - a: A.\n   - b: B.\n   - wrong, c-d: C. => D.", "one that comes `after` another"),
        (MANY + "\n   - m, after a: M.", "has at most 12 lines, and this one has 13"),
    ],
)
def test_malformed_hints_are_a_clear_error(tmp_path, text, message):
    with pytest.raises(CourseError, match=re.escape(message)) as caught:
        section(tmp_path, text)
    assert str(caught.value).startswith("milestone7_any/hints.md, 7.3")


def test_random_orders_are_judged_as_the_stated_order_of_pairs_says():
    problem = parsons(["a: A.", "b, after a: B.", "c, after a: C.", "d, after b, c: D.", "wrong, e-f: E. => F."])
    generator = random.Random(0)
    right = set()
    for _ in range(300):
        order = generator.sample(problem.right, 4)
        if problem.solved_by(order):
            right.add("".join(line.name for line in order))
    assert right == {"abcd", "acbd"}
