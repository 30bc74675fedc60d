"""The mutation tester makes the mutants it should, and every survivor that is excused is still one of them."""

import ast
import re
from collections import Counter

import pytest

from proofs.figures import FOLDER
from proofs.mutation.mutants import mutants
from proofs.mutation.survivors import all_mutants, listed

CHANGES = [
    ("arithmetic", "y = x * 2", ["y = x / 2"]),
    ("operands dropped", "y = x * z", ["y = (x)", "y = (z)"]),
    ("operands swapped", "y = (x + 1) - z", ["y = (z) - x + 1"]),
    ("augmented assignment", "y += x", ["y -= x", "y = x"]),
    ("comparison", "y = x < z", ["y = x <= z", "y = x >= z"]),
    ("comparison", "y = x not in z", ["y = x in z"]),
    ("boolean", "y = x and z", ["y = x or z"]),
    ("unary", "y = -x", ["y = x"]),
    ("unary", "y = not(x)", ["y = (x)"]),
    ("constant", "y = 2", ["y = 3", "y = 1"]),
    ("constant", "y = 0.0", ["y = 1.0"]),
    ("constant", "y = True", ["y = False"]),
    ("constant", "y = 'tanh'", ['y = "?"']),
    ("constant", "y = f'{x}.{2}'", ['y = "?"']),
    ("condition", "y = x if z else 3", ["y = x if not (z) else 3", "y = x if True else 3", "y = x if False else 3"]),
    ("statement deleted", "print(x)", ["pass"]),
    ("statement deleted", "raise ValueError(1 + 2)", ["pass"]),
    ("None returned", "return x", ["return None"]),
    ("arguments swapped", "y = f(x, é, z=1)", ["y = f(é, x, z=1)"]),
    ("argument removed", "y = f(x, axis=-1)", ["y = f(x)"]),
    ("argument removed", "y = f(a=x, b=z)", ["y = f( b=z)", "y = f(a=x)"]),
    ("elements swapped", "y, z = 1, x", ["z, y = 1, x", "y, z = x, 1"]),
    ("elements swapped", "y = [1, x]", ["y = [x, 1]"]),
    ("argument removed", "y = x.log_softmax(1)", ["y = x.log_softmax()"]),
    ("argument removed", "y = np.array(x, z)", ["y = np.array(x)"]),
    ("in place", "x = x * z", ["x *= z", "z *= x; x = z"]),
    ("in place", "return f(self.x - z[1])", ["self.x -= z[1]; return f(self.x)"]),
    ("in place", "y = x.data / (1 - 2)", ["x.data /= (1 - 2); y = x.data"]),
    ("in place", "return -x", ["x *= -1; return x"]),
    ("out of place", "x *= z - 1", ["x = x * (z - 1)"]),
    ("copy left out", "y = np.array(x)", ["y = np.asarray(x)"]),
    ("call left out", "y = x.copy()", ["y = x"]),
    ("call left out", "y = np.exp(x, z)", ["y = x"]),
    ("call left out", "y = self.f(x, z)", ["y = x", "y = z"]),
    ("call left out", "y = np.where(x, z, -z)", ["y = z", "y = -z"]),
    ("order reversed", "for y in z: pass", ["for y in reversed([*z]): pass"]),
    ("order reversed", "for y in reversed(z): pass", ["for y in z: pass"]),
    ("first turn alone", "y = [z for z in x]", ["y = [z for z in [*x][:1]]"]),
    ("first turn alone", "while x: f()", ["while x: f() break"]),
    ("with left out", "with x: f()", ["if True: f()"]),
]


def changed(body: str, marker: str = "# exercise: 1.1") -> dict[str, list[str]]:
    """The mutants of a function with this body: the new lines, by operator."""
    found: dict[str, list[str]] = {}
    for mutant in mutants(f'def f(x):\n    """x + 1"""\n    {marker}\n    {body}\n', "file.py"):
        assert mutant.old == body and mutant.line == 4
        found.setdefault(mutant.operator, []).append(mutant.new)
    return found


@pytest.mark.parametrize(("operator", "body", "expected"), CHANGES, ids=[f"{one[0]}: {one[1]}" for one in CHANGES])
def test_each_operator_changes_what_it_should(operator, body, expected):
    assert sorted(changed(body)[operator]) == sorted(expected)


def test_a_mutant_is_named_without_the_comment_beside_it():
    [mutant] = mutants("def f(x):\n    # exercise: 1.1\n    print()  # why\n", "file.py")
    assert (mutant.old, mutant.new) == ("print()", "pass")
    assert mutant.text == "def f(x):\n    # exercise: 1.1\n    pass  # why\n"


def test_the_first_value_may_be_returned_from_a_function_that_gives_one():
    assert names("y = f(x)", "return y + 1").count("[y = f(x) -> return f(x)]") == 1
    assert "[y = f(x) -> return f(x)]" not in names("y = f(x)", "z.append(y)")


def test_a_branch_may_end_a_function_that_goes_on():
    assert "if x: [f() -> f(); return]" in names("if x: f()", "g()")
    assert "if x: [f() -> f(); return]" in names("for x in y:", "    if x: f()")
    assert "if x: [f() -> f(); return]" not in names("g()", "if x: f()")


def test_a_call_that_is_a_statement_is_left_out_once():
    assert names("f(x)") == ["[f(x) -> pass]"]


def test_a_message_stays_but_the_raise_may_go():
    assert changed('raise ValueError(f"{x + 1}", x - 1)') == {"statement deleted": ["pass"]}


def test_only_exercises_that_earn_points_are_changed():
    assert changed("return x + 1", marker="# exercise: extra.1") == {}
    assert changed("return x + 1", marker="# a comment") == {}


def names(*lines: str) -> list[str]:
    """The names of a function's mutants."""
    body = "".join(f"    {line}\n" for line in lines)
    return [mutant.change for mutant in mutants(f"def f(x):\n    # exercise: 1.1\n{body}", "file.py")]


def test_a_name_is_the_change_between_what_stands_around_it():
    assert "one + two + x * [3 -> 4] + four + five +" in names("y = one + two + x * 3 + four + five + six")
    assert names("return first_of_many_names(second_of_many_names)")[0] == (
        "return [first_of_many_names(...econd_of_many_names) -> None]"
    )


def test_equal_changes_of_a_function_are_numbered():
    assert names("f()", "f()", "f()") == ["[f() -> pass]", "[f() -> pass] #2", "[f() -> pass] #3"]


def test_a_name_stays_when_something_else_in_the_function_changes():
    line = "y = x + 1  # a comment"
    assert set(names(line)) < set(names("z = x - 1", line, "if z: raise ValueError(z)"))
    assert set(names("y = x + 1  # another comment")) == set(names(line))
    assert set(names("y = x + 2")).isdisjoint(names(line))


def test_a_message_is_not_part_of_a_name():
    assert names("raise ValueError('why')") == names("raise ValueError('why', 'for what reason')")


def test_every_mutant_of_the_reference_is_another_text_that_parses():
    texts = Counter(mutant.text for mutant in all_mutants())
    assert len(texts) > 2_000 and texts.most_common(1)[0][1] == 1
    assert len({mutant.key for mutant in all_mutants()}) == len(texts)
    for mutant in all_mutants()[::10]:
        ast.parse(mutant.text)


def test_every_listed_survivor_is_a_mutant_of_today_with_a_reason():
    today = {mutant.key for mutant in all_mutants()}
    assert [entry for entry in listed() if entry.key not in today] == []
    assert [entry for entry in listed() if len(entry.reason.split()) < 4] == []
    assert [key for key, count in Counter(entry.key for entry in listed()).items() if count > 1] == []


def test_the_figure_is_that_of_the_listed_survivors():
    sentence = (FOLDER / "mutation.txt").read_text(encoding="utf-8")
    mutants, same, different, caught, unspecified, unexplained = (
        int(number.replace(",", "")) for number in re.findall(r"(?<![\d.])\d[\d,]*(?![\d.]| %)", sentence)
    )
    kinds = Counter(entry.unspecified for entry in listed())
    assert (mutants, same, unspecified, unexplained) == (len(all_mutants()), kinds[False], kinds[True], 0)
    assert different == mutants - same and caught == different - unspecified
