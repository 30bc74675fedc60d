"""A docstring of an exercise promises what a check holds: milestones/*/promises.toml says which checks hold what."""

import ast

import pytest

from grader.course.milestones import checks_of, course, load_milestone
from grader.files import SOLUTIONS, read_toml
from grader.source.exercises import exercises_by_file
from grader.source.package import sources
from grader.source.syntax import functions, parse

# milestone number -> its table, {exercise: {phrase: checks}}
TABLES = {
    milestone.number: read_toml(milestone.folder / "promises.toml")
    for milestone in course()
    if (milestone.folder / "promises.toml").exists()
}
TREES = {file: parse(source) for file, source in sources(SOLUTIONS).items()}
# file:function -> the task of the exercise
EXERCISES = {
    f"{file.partition('/')[2]}:{exercise.name}": exercise.task_id
    for file, found in exercises_by_file().items()
    for exercise in found
}


def docstring_of(function):
    """(whose, text): the docstring of a function, or, where it has none, that of its class."""
    file, _, name = function.partition(":")
    tree = next(tree for path, tree in TREES.items() if path.partition("/")[2] == file)
    text = ast.get_docstring(dict(functions(tree))[name])
    if text is not None:
        return function, text
    owner = name.rpartition(".")[0]
    classes = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    return f"{file}:{owner}", (ast.get_docstring(classes[owner]) if owner else None) or ""


def phrases(whose):
    """What the tables say that a docstring promises."""
    found = [table[name] for table in TABLES.values() for name in table if docstring_of(name)[0] == whose]
    return [" ".join(phrase.split()) for promises in found for phrase in promises]


def left_over(text, known):
    """The parts of a text that no phrase covers, and the phrases that are not in it."""
    text = " ".join(text.split())
    missing = [phrase for phrase in known if phrase not in text]
    covered = set()
    for phrase in known:
        start = text.find(phrase)
        while start >= 0:
            covered.update(range(start, start + len(phrase)))
            start = text.find(phrase, start + 1)
    rest = "".join(" " if place in covered else letter for place, letter in enumerate(text))
    return " ".join(rest.split()), missing


def test_every_milestone_has_a_table():
    assert list(TABLES) == [milestone.number for milestone in course()]


def test_what_a_phrase_leaves_over_is_seen():
    assert left_over("z = x + y.   Keeps x\nand y.", ["z = x + y.", "Keeps x and y."]) == ("", [])
    assert left_over("z = x + y. Keeps x.", ["Keeps x.", "Keeps y."]) == ("z = x + y.", ["Keeps y."])


@pytest.mark.parametrize("function", [name for name, task in EXERCISES.items() if task.milestone in TABLES])
def test_every_word_of_an_exercises_docstring_is_in_the_table(function):
    whose, text = docstring_of(function)
    assert left_over(text, phrases(whose)) == ("", [])


@pytest.mark.parametrize("number", TABLES)
def test_each_promise_has_checks_of_its_milestone(number):
    known = {check.id for check in checks_of(load_milestone(number).tasks)}
    for function, promises in TABLES[number].items():
        assert function in EXERCISES
        for phrase, checks in promises.items():
            assert checks and set(checks) <= known, (function, phrase, set(checks) - known)
            assert len(checks) == len(set(checks)), (function, phrase)
