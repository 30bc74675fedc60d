"""Predictions: each question has a truth and wrong answers that name mistakes; and nothing that is typed breaks it."""

import ast
import dataclasses
import functools

import pytest

from grader.course.milestones import course
from grader.errors import CourseError, UsageError
from grader.files import SOLUTIONS, STARTER
from grader.practice import bug, predict, record
from grader.practice.blanks import compared, names, verdict_on
from grader.practice.options import mistakes_of, trials, wrong_answers
from grader.practice.questions import GAP, Blank, Question, all_questions, load_questions
from grader.practice.record import DAY, Entry
from grader.practice.running import Trial, evaluated, started
from grader.practice.values import read, same, shown, typed
from grader.source.package import PACKAGE
from grader.task_id import TaskId
from tests.trees import replace_body

QUESTIONS = all_questions(course())
PREDICTIONS = [one for one in QUESTIONS if isinstance(one, Question)]
BLANKS = [one for one in QUESTIONS if isinstance(one, Blank)]
TASKS = list(dict.fromkeys(one.task for one in PREDICTIONS))
DRAWS = 3
SECONDS = 300


@functools.cache
def answers_of(task):
    """Each question of a task as it was drawn, its truth, and its wrong answers."""
    drawn = [one.drawn(seed) for one in PREDICTIONS if one.task == task for seed in range(DRAWS)]
    mistakes = mistakes_of(task)
    with started(trials(drawn, mistakes, SOLUTIONS), seconds=SECONDS) as job:
        answers = job.answers()
    found, at = [], 0
    for number, one in enumerate(drawn):
        own = answers[0][at : at + len(one.codes)]
        at += len(own)
        found.append((one, own, wrong_answers(one, mistakes, [own, *([each[number]] for each in answers[1:])])))
    return found


def poor(task):
    """The questions of a task that have no truth, a tempting answer that is none, or fewer than two wrong answers."""
    return [one.id for one, own, wrong in answers_of(task) if any(each.error for each in own) or len(wrong) < 2]


@pytest.mark.parametrize("task", TASKS)
def test_each_prediction_has_a_truth_and_two_wrong_answers(task):
    assert poor(task) == []


@pytest.mark.parametrize("task", TASKS)
def test_each_tempting_answer_is_wrong_whatever_is_drawn(task):
    for one, (truth, *tempting), _ in answers_of(task):
        assert not any(same(each.value, truth.value) for each in tempting), one.id


@pytest.mark.parametrize("task", TASKS)
def test_a_wrong_answer_names_its_mistake(task, capsys):
    for one, own, wrong in answers_of(task):
        prediction = predict.Prediction(one, lambda own=own, wrong=wrong: (own[0].value, wrong), seed=1)
        assert len(prediction.options) <= 4 and any(same(each, own[0].value) for each in prediction.options)
        for each in wrong:
            assert not prediction.tell((each.value,))
            title, explanation = each.reasons[0]
            assert " ".join((title or explanation).split()) in " ".join(capsys.readouterr().out.split())
        assert prediction.tell((own[0].value,))


@pytest.mark.parametrize("task", TASKS)
def test_what_is_shown_can_be_typed(task):
    for _, own, wrong in answers_of(task):
        for value in [own[0].value, *(each.value for each in wrong)]:
            assert same(read(typed(shown(value))), value)


@functools.cache
def filled():
    """For each blank: what comes out of its answer, of the same as an array, and of another number."""
    drawn = [(one, one.drawn(3)) for one in BLANKS]
    tried = [Trial(None, [to.code(text) for text in (to.answer, f"np.array({to.answer})", "0.123")]) for _, to in drawn]
    with started(tried, seed=1, seconds=SECONDS) as job:
        return {one.id: answers for (one, _), answers in zip(drawn, job.answers(), strict=True)}


@pytest.mark.parametrize("blank", BLANKS, ids=[one.id for one in BLANKS])
def test_a_blank_takes_its_answer_and_equivalent_ones(blank):
    answer, equivalent, other = filled()[blank.id]
    assert answer.error is None and GAP in blank.text
    assert blank.within != GAP or compared(answer.value, equivalent.value).right
    assert other.error is not None or not compared(answer.value, other.value).right


@pytest.mark.parametrize("task", [task.id for milestone in course() for task in milestone.exercises])
def test_each_task_has_two_questions_and_one_is_a_prediction(task):
    assert sum(one.task == task for one in QUESTIONS) >= 2
    assert task in TASKS


def test_a_question_with_one_wrong_answer_is_refused(monkeypatch):
    """The refusal itself: 1 + 1 comes out the same under each mistake."""
    one = Question("a", TASKS[0], "1 + 1?", "1 + 1", wrong=[{"code": "3", "why": "Count."}])
    monkeypatch.setitem(globals(), "PREDICTIONS", [one])
    answers_of.cache_clear()
    assert poor(TASKS[0]) == ["a"] * DRAWS
    answers_of.cache_clear()


@functools.cache
def right_answers(seed):
    """What comes out of the answer to each blank, as a seed draws it, by the blank's id."""
    drawn = [one.drawn(seed) for one in BLANKS]
    with started([Trial(None, [f"{one.setup}\n{one.answer}"]) for one in drawn], seed, seconds=SECONDS) as job:
        return {one.id: answer for one, (answer,) in zip(drawn, job.answers(), strict=True)}


@pytest.mark.parametrize("blank", BLANKS, ids=[one.id for one in BLANKS])
def test_a_number_does_not_fill_a_blank_that_asks_for_a_formula(blank):
    used = {node.id for node in ast.walk(ast.parse(blank.drawn(1).answer)) if isinstance(node, ast.Name)}
    if used & set(names(blank.drawn(1))):
        answers = [right_answers(seed)[blank.id] for seed in range(4)]
        assert not any(answer.error for answer in answers)
        assert not all(same(answers[0].value, other.value) for other in answers[1:])


def test_a_wrong_blank_hears_how_it_differs():
    blank = next(one for one in BLANKS if one.id == "2.6-second").drawn(1)
    assert names(blank) == ["x", "y", "grad"]
    assert "sigmoid" in names(next(one for one in BLANKS if one.id == "3.11-memory"))
    assert verdict_on(blank, "np.swapaxes(x, 0, 1)", 1).right
    assert "2 times" in verdict_on(blank, "2 * x.T", 1).message
    assert "numbers are not" in verdict_on(blank, "abs(x.T)", 1).message
    assert "x, y, grad" in verdict_on(blank, "w.T", 1).message
    assert "not a Python expression" in verdict_on(blank, "x.T)", 1).message
    whole = dataclasses.replace(blank, within="____")
    assert "(4, 2)" in verdict_on(whole, "x", 1).message and "(2, 4)" in verdict_on(whole, "x", 1).message


@pytest.mark.parametrize("code", ["while True: pass\n1", "import os\nos._exit(0)", "np.ones((10**7, 10**7))"])
def test_code_that_hangs_or_ends_the_process_is_no_answer(code):
    with started([Trial(None, [code]), Trial(None, ["2"])], seconds=3) as job:
        answers = job.answers()
    assert answers[0][0].error


def test_answers_are_plain_and_bounded():
    codes = ["print('x' * 10**7) or 5", "list(range(10**5))", "object()", "(1, [np.float32(2)], None, 'a')", "1 / 0"]
    answers = evaluated(codes, 1)
    assert [each.value for each in answers] == [5, None, None, (1, [2.0], None, "a"), None]
    assert "ZeroDivisionError" in answers[4].error


def session(monkeypatch, capsys, tree, tmp_path, *lines, task="2.6", seed=3, on_reference=False):
    """What a session prints; `lines` are typed, and then the input ends. An exception is raised instead of typed."""
    waiting = iter(lines)

    def answer(prompt):
        print(prompt, end="")
        line = next(waiting, EOFError())
        if isinstance(line, BaseException):
            raise line
        return line

    monkeypatch.setattr("builtins.input", answer)
    assert predict.run_predictions(tree, task, seed, on_reference, tmp_path / "practice.jsonl") == 0
    return " ".join(capsys.readouterr().out.split())


def truths(task, seed=3):
    """What to type for a task's predictions, so that all are right."""
    codes = [one.drawn(seed).code for one in PREDICTIONS if one.task == task]
    with started([Trial(SOLUTIONS, codes)], seconds=SECONDS) as job:
        (answers,) = job.answers()
    return [shown(answer.value) for answer in answers]


def test_a_right_prediction_and_a_framework_that_is_not(tree, tmp_path, monkeypatch, capsys):
    replace_body(tree, "operations/arithmetic.py", "Divide.backward", "return grad, grad")
    typed_in = ["", "", *truths("2.5")]  # blanks are skipped
    text = session(monkeypatch, capsys, tree, tmp_path, *typed_in, task="2.5")
    assert "your prediction is right, your framework is not" in text and "milestone2 -- 2.5" in text
    assert "your framework says the same" in text
    assert [entry.right for entry in record.entries(tmp_path / "practice.jsonl")] == [True, True]


def test_what_is_not_written_is_said(tree, tmp_path, monkeypatch, capsys):
    assert "2.1 is not written yet" in session(monkeypatch, capsys, STARTER, tmp_path, *truths("2.1"), task="2.1")
    stub = 'raise NotImplementedError("2.2: propagate is not written yet")'
    replace_body(tree, "autodiff/engine.py", "propagate", stub)
    text = session(monkeypatch, capsys, tree, tmp_path, "", "", *truths("2.5"), task="2.5")
    assert "can't answer yet: 2.2 is not written" in text


@pytest.mark.parametrize(
    "body", ["while True: pass", "import os; os._exit(3)", "raise SystemExit", "raise RuntimeError('\\x1b[31m\\n')"]
)
def test_a_hostile_tree_spoils_only_its_own_answer(tree, tmp_path, monkeypatch, capsys, body):
    replace_body(tree, "autodiff/engine.py", "topological_sort", body)
    monkeypatch.setattr(predict, "OWN_SECONDS", 3)
    text = session(monkeypatch, capsys, tree, tmp_path, *truths("2.1")[:1], task="2.1")
    assert "right:" in text and "your framework is not" in text and "\x1b" not in text


def test_bad_input_is_answered_and_options_can_be_chosen(tmp_path, monkeypatch, capsys):
    text = session(monkeypatch, capsys, SOLUTIONS, tmp_path, "q", task="2.1")
    assert text.count("your prediction:") == 1 and not (tmp_path / "practice.jsonl").exists()
    text = session(monkeypatch, capsys, SOLUTIONS, tmp_path, ")(", "z" * 5, "?", task="2.1")
    assert "neither a number nor a list" in text and "no: the reference gives" in text
    text = session(monkeypatch, capsys, SOLUTIONS, tmp_path, "?", KeyboardInterrupt(), task="2.1")
    assert " a [" in text and " d [" in text and " e [" not in text


def test_the_same_seed_draws_the_same_numbers():
    one = next(one for one in PREDICTIONS if len(one.vary) > 1)
    assert one.drawn(5) == one.drawn(5) and len({one.drawn(seed).text for seed in range(20)}) > 1
    with pytest.raises(CourseError, match="no values to draw for"):
        dataclasses.replace(one, vary={}).drawn(1)


def test_an_incomplete_entry_is_refused(monkeypatch):
    monkeypatch.setattr("grader.practice.questions.table", lambda path: {"question": [{"id": "a", "task": "2.1"}]})
    with pytest.raises(CourseError, match=r"predictions\.toml"):
        load_questions(course()[0])


def test_questions_come_back_after_1_3_7_and_21_days():
    answers = []
    for day, again in [(0, 1), (1, 4), (4, 11), (11, 32)]:
        answers.append(Entry(day * DAY, "a", True))
        assert record.comes_back(answers) == {"a": again * DAY}
    assert record.due(answers, 31.9 * DAY) == [] and record.due(answers, 32 * DAY) == ["a"]
    assert record.comes_back([*answers, Entry(40 * DAY, "a", False)]) == {"a": 41 * DAY}
    assert record.comes_back([*answers, Entry(32 * DAY, "a", True)]) == {}
    late = [Entry(2 * DAY, "b", True), Entry(0, "c", True)]
    assert record.due(late, 9 * DAY) == ["c", "b"]


def test_a_damaged_record_loses_only_its_damaged_lines(tmp_path):
    path = tmp_path / "new" / "practice.jsonl"
    assert record.entries(path) == []
    record.append(Entry(1, "a", True), path)
    with path.open("ab") as file:
        file.write(b'\xff\n[]\n{"time": "soon", "id": 1, "right": 1}\n{"time": NaN, "id": "n", "right": true}\n')
        file.write(b'{"time": 2, "i')
    record.append(Entry(3, "b", False), path)
    assert record.entries(path) == [Entry(1, "a", True), Entry(3, "b", False)]


def test_without_a_task_comes_what_is_due_or_the_next_task(tmp_path, monkeypatch, capsys):
    path = tmp_path / "practice.jsonl"
    first = QUESTIONS[0].task
    assert f"{first} " in session(monkeypatch, capsys, STARTER, tmp_path, task=None)
    record.append(Entry(0, "2.8-tie", True), path)
    text = session(monkeypatch, capsys, STARTER, tmp_path, "q", task=None)
    assert "1 question from earlier tasks" in text and "2.8 Kinks and ties" in text
    for one in QUESTIONS:
        record.append(Entry(record.time.time(), one.id, True), path)
    assert "nothing is due; the next comes back on" in session(monkeypatch, capsys, STARTER, tmp_path, task=None)


@pytest.mark.parametrize("text", ["2.99", "9", "extra.1", "two"])
def test_a_wrong_id_is_answered_by_a_right_command(text, grader):
    done = grader("predict", text)
    assert done.code == 2 and "-s predict -- 2.6" in done.errors and done.errors.count("\n") == 1


def test_a_milestone_asks_what_was_not_asked_yet(tmp_path, monkeypatch, capsys):
    first, second, *_ = [one for one in QUESTIONS if one.task.milestone == 2]
    assert f"{first.task} " in session(monkeypatch, capsys, STARTER, tmp_path, "q", task="2")
    record.append(Entry(0, first.id, True), tmp_path / "practice.jsonl")
    own = predict.Own(STARTER, tmp_path, False)
    assert predict.chosen("2", own, tmp_path / "practice.jsonl")[0].id == second.id


def test_earlier_rooms_may_come_from_the_reference(tree, tmp_path):
    name = f"{PACKAGE}/operations/arithmetic.py"
    replace_body(tree, "operations/arithmetic.py", "Multiply.forward", "return x")
    for on_reference, source in [(False, tree), (True, SOLUTIONS)]:
        own = predict.Own(tree, tmp_path / str(on_reference), on_reference)
        assert (own.assembled(TaskId("3.6")).folder / name).read_text() == (source / name).read_text()
        assert (own.assembled(TaskId("2.5")).folder / name).read_text() == (tree / name).read_text()


def test_a_milestone_that_cannot_be_on_the_reference_says_so(grader):
    done = grader("predict", "2.1", "--on-reference")
    assert done.code == 2 and "--on-reference is not possible here" in done.errors


def test_the_input_may_end_at_once(grader):
    done = grader("predict", "2.1", "--seed", 1)
    assert done.code == 0 and "your prediction:" in done.screen and done.errors == ""


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("1/3", 1 / 3),
        ("[-2/3, inf]", [-2 / 3, float("inf")]),
        ("(2, 3)", (2, 3)),
        ("nan", float("nan")),
        ("Add, Abs", ("Add", "Abs")),
        ("[encoder.bias, scale]", ["encoder.bias", "scale"]),
        ("'loss'", "loss"),
        ("True", True),
    ],
)
def test_values_are_read_as_they_are_typed(text, value):
    assert same(read(typed(text)), value)


@pytest.mark.parametrize("text", ["", "1/0", "x.T()", "2**9**9**9", "f(1)", "[", "(" * 500, "'a' / 2", "-'a'"])
def test_what_is_no_value_is_refused(text):
    with pytest.raises(ValueError, match="neither"):
        read(text)


def test_predictions_may_be_rounded():
    assert same(0.33, 1 / 3) and same([0, 0.67], (0.0, 2 / 3)) and not same(0.3, 1 / 3)
    assert not same(0, 0.0025) and not same(1, True) and not same([1], 1) and same("Loss ", "loss")
    assert shown([0.333333, (1.0,), 12, "a"]) == "[0.3333, (1,), 12, a]"


def find(monkeypatch, capsys, tree, folder, *lines, which=None, seed=None, reveal=False):
    """What a search for a bug prints, in one line."""
    waiting = iter(lines)

    def answer(prompt):
        print(prompt, end="")
        line = next(waiting, None)
        if line is None:
            raise EOFError
        return line

    monkeypatch.setattr("builtins.input", answer)
    assert bug.run_bug(tree, which, reveal, seed, folder) == 0
    return " ".join(capsys.readouterr().out.split())


def test_a_planted_bug_is_found_and_named(tmp_path, monkeypatch, capsys):
    folder = tmp_path / "bug"
    text = find(monkeypatch, capsys, SOLUTIONS, folder, which="2.8", seed=4)
    assert "It gives" in text and "which function is wrong?" in text
    planted = bug.read(folder)
    file, name = planted.mistake.function.split(":")
    assert (folder / PACKAGE / file).read_text("utf-8") != (SOLUTIONS / PACKAGE / file).read_text("utf-8")
    assert planted.mistake.id not in (folder / "planted.json").read_text("utf-8")
    letter = "abcd"[bug.choices(planted.mistake).index(planted.mistake)]
    wrong = "abcd".replace(letter, "")[0]
    lines = ["Multiply.forwrad", f"{name}()", "z", wrong, letter]
    text = find(monkeypatch, capsys, SOLUTIONS, folder, *lines)  # the same bug
    for part in ("there is Multiply.forward", "yes", "a letter from a to d", "no: that would", planted.mistake.title):
        assert part in text
    assert planted.mistake.title in find(monkeypatch, capsys, SOLUTIONS, folder, reveal=True)
    assert find(monkeypatch, capsys, SOLUTIONS, folder, which="2.8", seed=4).startswith("A copy of the reference")
    assert bug.read(folder) == planted  # the same seed, the same bug


def test_a_copy_gives_nothing_away_that_is_not_written(tree, tmp_path, monkeypatch, capsys):
    write = 'raise NotImplementedError("2.6: MatMul.backward is not written yet")'
    replace_body(tree, "operations/matmul.py", "MatMul.backward", write)
    find(monkeypatch, capsys, tree, tmp_path / "bug", which="2.5", seed=1)
    copied = (tmp_path / "bug" / PACKAGE / "operations/matmul.py").read_text("utf-8")
    assert "2.6: MatMul.backward is not written yet" in copied
    with pytest.raises(UsageError, match=r"nothing of 2\.6 is written yet"):
        bug.run_bug(tree, "2.6", False, 1, tmp_path / "bug")
    with pytest.raises(UsageError, match="nothing is written yet"):
        bug.run_bug(STARTER, None, False, 1, tmp_path / "other")
    with pytest.raises(UsageError, match="nothing is planted"):
        bug.run_bug(STARTER, None, True, None, tmp_path / "other")


@pytest.mark.parametrize("note", ["", "{}", "[]", '{"task": "9.9", "mistake": 1}', '{"task": "2.1", "mistake": "0"}'])
def test_a_damaged_note_is_as_none(tmp_path, note):
    (tmp_path / "planted.json").write_text(note, encoding="utf-8")
    assert bug.read(tmp_path) is None


@pytest.mark.parametrize("which", ["7", "2.99", "two", "extra.1"])
def test_a_wrong_place_for_a_bug_is_answered_by_a_right_command(which):
    with pytest.raises(UsageError, match="-s bug -- 2"):
        bug.tasks_of(which)
