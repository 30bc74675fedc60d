"""Every exercise has a second body, which is another. That they pass everything is `nox -s second_bodies`'s part."""

import ast

import pytest

from grader.files import SOLUTIONS
from grader.source.package import sources
from grader.source.syntax import functions
from proofs.second_bodies import bodies, functions_to_write

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
