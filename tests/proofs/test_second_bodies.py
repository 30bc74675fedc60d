"""Every exercise has a second body, which is another, and all of them together pass everything."""

import ast

import pytest

from grader.course.milestones import checks_of, course
from grader.files import SOLUTIONS
from grader.grade import grade
from grader.run.fork_server import forked
from grader.source.package import sources
from grader.source.syntax import functions
from proofs.second_bodies import all_second_bodies, bodies, functions_to_write

SOURCES = sources(SOLUTIONS)


def defined(texts):
    """Every function of some files, by file and dotted name."""
    return {(file, name): node for file, text in texts.items() for name, node in functions(ast.parse(text))}


def test_every_exercise_has_a_second_body_and_nothing_else_has():
    inside = set(defined(SOURCES))
    assert {key for key in defined(bodies()) if key in inside or "." in key[1]} == set(functions_to_write())


@pytest.mark.parametrize(("file", "name"), functions_to_write())
def test_a_second_body_is_another(file, name):
    first, second = (defined({file: texts[file]})[file, name] for texts in (SOURCES, bodies()))
    documented = ast.get_docstring(first) is not None
    assert ast.dump(first.args) == ast.dump(second.args)
    assert [ast.dump(node) for node in first.body[documented:]] != [ast.dump(node) for node in second.body]


def test_all_second_bodies_together_pass_everything():
    tasks = [task for milestone in course() for task in milestone.exercises]
    grading = grade(SOLUTIONS, checks_of(tasks), changes=all_second_bodies(), launch=forked)
    assert [verdict.message for verdict in grading if not verdict.passed] == []
