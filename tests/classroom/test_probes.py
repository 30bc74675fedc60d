"""The probes find gradients that were made by trying nearby values, and nothing in right and in unfinished trees."""

import pytest

from grader.classroom.probes import probe_marks
from grader.files import SOLUTIONS, STARTER
from grader.run.assemble import assemble
from grader.run.fork_server import forked
from proofs.second_bodies import all_second_bodies, whole_trees
from tests.trees import replace_body

NEARBY = """
gradients = []
for position, operand in enumerate((self.x, self.y)):
    gradient = np.zeros_like(operand)
    for index in np.ndindex(operand.shape):
        shifted = [np.array(self.x), np.array(self.y)]
        shifted[position][index] += 1e-6
        gradient[index] = np.sum((type(self)().forward(*shifted) - self.x * self.y) * grad) / 1e-6
    gradients.append(gradient)
return tuple(gradients)
"""


INEXACT = "gradients are right to a few digits alone, as differences between nearby values are"
LOST = "gradients are lost where values are infinite, as they are when values are all that backward looks at"
AGAIN = "while backward runs, forward is tried at nearby values"


def probed(tree, tmp_path, changes=None):
    marks, notes = probe_marks(assemble(tree, tmp_path / "scratch", changes=changes or {}), forked)
    return [*(mark.what for mark in marks), *notes]


@pytest.mark.parametrize("name", ["reference", "second bodies", *whole_trees()])
def test_right_trees_have_no_mark(name, tmp_path):
    changes = {"reference": {}, "second bodies": all_second_bodies(), **whole_trees()}[name]
    assert probed(SOLUTIONS, tmp_path, changes) == []


def test_an_unfinished_tree_has_no_mark(tmp_path):
    assert probed(STARTER, tmp_path) == []


COULD_NOT = "probes for gradients without derivatives could not run"


@pytest.mark.parametrize(
    ("body", "note"),
    [
        ("raise KeyError('now')", f"2 of 6 {COULD_NOT}: KeyError: 'now'"),
        ("import os\nos._exit(3)", f"6 of 6 {COULD_NOT}: it ended the Python process (exit code 3)"),
    ],
)
def test_probes_that_can_not_run_are_noted(tree, tmp_path, body, note):
    replace_body(tree, "autodiff/engine.py", "propagate", body)
    assert probed(tree, tmp_path) == [note]


def test_nearby_values_in_an_operation_are_found(tree, tmp_path):
    replace_body(tree, "operations/arithmetic.py", "Multiply.backward", NEARBY)
    assert sorted(probed(tree, tmp_path)) == [f"{LOST}: Multiply", f"{INEXACT}: Multiply", f"{AGAIN}: Multiply"]


def test_nearby_values_are_found_wherever_they_are_computed(tree, tmp_path):
    other = "return grad * ((self.x + H) * self.y - (self.x - H) * self.y) / (H + H), grad * self.x"
    replace_body(tree, "operations/arithmetic.py", "Multiply.backward", f"H = 1e-5\n{other}")
    assert probed(tree, tmp_path) == [f"{INEXACT}: Multiply", f"{LOST}: Multiply"]


# Values far apart, in differences of high order, and complex steps: right to all digits, and without another forward.
WIDE = """
of = math.factorial
weights = [-((-1) ** k) * of(8) ** 2 / (k * of(8 - k) * of(8 + k)) for k in range(1, 9)]
width = np.maximum(np.abs(self.x), 1.0) / 16
steps = [(weight, k * width) for k, weight in enumerate(weights, 1)]
dx = sum(weight * ((self.x + step) * self.y - (self.x - step) * self.y) for weight, step in steps) / width
return grad * dx, grad * self.x
"""
COMPLEX = """
turn, tiny = np.roots([1, 0, 1])[0], np.finfo(float).tiny ** 0.5
return grad * np.real((self.x + turn * tiny) * self.y / turn) / tiny, grad * self.x
"""


@pytest.mark.parametrize("body", [WIDE, COMPLEX])
def test_values_are_found_however_they_make_gradients(tree, tmp_path, body):
    replace_body(tree, "operations/arithmetic.py", "Multiply.backward", f"import math\n{body.strip()}")
    assert probed(tree, tmp_path) == [f"{LOST}: Multiply"]


FAINT = "gradients near the smallest number are lost, as they are when a step is divided out of them"
STEPS = """
minus, tiny = -1.0, {tiny}
turn = minus ** 0.5
def imaginary(z):
    return z.view(np.float64).reshape(*z.shape, 2)[..., 1]
"""
LOG = "return grad * imaginary(np.log(self.x + tiny * turn)) / tiny"
LOG_SOFTMAX = """
x = np.array(self.y, dtype=np.float64)
found = np.zeros_like(x)
for index in np.ndindex(x.shape):
    z = x + 0 * turn
    z[index] += tiny * turn
    found[index] = np.sum(grad * imaginary(z - np.log(np.sum(np.exp(z), self.axis, keepdims=True)))) / tiny
return found
"""


@pytest.mark.parametrize("tiny", ["1e-20", "1e-100", "2.0**-27"])
@pytest.mark.parametrize(
    ("operation", "file", "body"), [("Log", "elementwise", LOG), ("LogSoftmax", "softmax", LOG_SOFTMAX)]
)
def test_complex_steps_of_one_number_are_found(tree, tmp_path, operation, file, body, tiny):
    body = f"{STEPS.format(tiny=tiny).strip()}\n{body.strip()}"
    replace_body(tree, f"operations/{file}.py", f"{operation}.backward", body)
    assert probed(tree, tmp_path) == [f"{FAINT}: {operation}"]


@pytest.mark.parametrize("body", ["return grad * np.reciprocal(self.x)", "return grad * np.exp(-np.log(self.x))"])
def test_other_ways_to_small_gradients_are_not(tree, tmp_path, body):
    replace_body(tree, "operations/elementwise.py", "Log.backward", body)
    assert probed(tree, tmp_path) == []


@pytest.mark.parametrize("dx", ["self.x * self.y / self.x", "self.x * self.y - self.x", "self.x"])
def test_other_ways_and_wrong_ones_are_not(tree, tmp_path, dx):
    replace_body(tree, "operations/arithmetic.py", "Multiply.backward", f"return grad * ({dx}), grad * self.x")
    assert probed(tree, tmp_path) == []


def test_gradients_in_single_precision_are_not(tree, tmp_path):
    body = "return (grad * (1 - self.y**2)).astype(np.float32)"
    replace_body(tree, "operations/elementwise.py", "Tanh.backward", body)
    assert probed(tree, tmp_path) == []


def test_nearby_values_in_the_engine_are_found(tree, tmp_path):
    engine = tree / "neural_framework" / "autodiff" / "engine.py"
    text = engine.read_text(encoding="utf-8")
    assert text.count("operation.backward(") == 1
    call = "nearby(operation, "
    engine.write_text(text.replace("operation.backward(", call) + ENGINE, encoding="utf-8")
    assert len(probed(tree, tmp_path)) == 5


ENGINE = '''

def nearby(operation, grad):
    """Another gradient of each input: by central differences."""
    inputs = [one.data for one in operation.inputs]
    found = []
    for position, operand in enumerate(inputs):
        gradient = np.zeros_like(operand)
        for index in np.ndindex(operand.shape):
            sides = []
            for step in (1e-6, -1e-6):
                shifted = [one.copy() for one in inputs]
                shifted[position][index] += step
                sides.append(np.sum(operation.forward(*shifted) * grad))
            gradient[index] = (sides[0] - sides[1]) / 2e-6
        found.append(gradient)
    return tuple(found)
'''
