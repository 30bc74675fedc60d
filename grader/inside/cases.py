"""Tries expressions on small inputs, the smallest first, and shows what comes of each, forward and backward.

For a trial, a copy of this file is written with the EXPRESSIONS of one function. `x`, `y` and `z` in them are Tensors,
and so are `p` and `t`, probabilities and targets. Before an expression there may be steps, in lines of their own.
"""

import ast
import importlib
import itertools
import warnings

import numpy as np

EXPRESSIONS: list[str] = []
SHAPES = [(), (1,), (2,), (1, 2), (2, 1), (3,), (2, 2), (2, 3), (2, 2, 2), (0,), (0, 2)]
LONGEST = 400  # characters of an error
MOST_NUMBERS = 8  # in all inputs of a case
SPECIAL_SHAPES = [(), (1,), (2,), (2, 2)]  # for the patterns after the first
PATTERNS = [
    [2.0, 3.0, 5.0, 7.0, 11.0, 13.0, 17.0, 19.0],
    [-2.0, 3.0, -0.5, 4.0, -1.5, 2.5, -3.0, 0.5],
    [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0],
    [0.0, 1.0, -1.0, 0.0, 2.0, -2.0, 0.0, 0.5],
    [1000.0, -1000.0, 999.0, 0.0, -999.0, 1000.0, 1.0, -1.0],
]
PROBABILITIES = [
    [0.5, 1.0, 0.25, 0.0, 0.75, 1.0, 0.5, 0.0],
    [0.25, 0.75, 0.5, 0.125, 0.25, 0.75, 0.5, 0.125],
    [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0],
    [0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0],
    [1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0, 0.0],
]


def cases(see):
    """Each case is a fact: the expression, its inputs, and what came of it."""
    nf = importlib.import_module("neural_framework")
    for expression, arrays in inputs(EXPRESSIONS):
        see.equal(tried(nf, expression, arrays))


def inputs(expressions):
    """(expression, {name: array}), those with the fewest numbers first, and ordinary numbers before special ones."""
    found = []
    for position, expression in enumerate(expressions):
        names = {node.id for node in ast.walk(ast.parse(expression)) if isinstance(node, ast.Name)}
        names = sorted(names & set("ptxyz"))
        for shapes in itertools.product(SHAPES, repeat=len(names)):
            sizes = [int(np.prod(shape)) for shape in shapes]
            for number in range(len(PATTERNS) if names else 1):
                unusual = (number > 0 and "p" not in names) or 0 in sizes
                rank = (unusual, sum(sizes), sum(map(len, shapes)), number, position)
                special = all(shape in SPECIAL_SHAPES for shape in shapes)
                if sum(sizes) <= MOST_NUMBERS and (number == 0 or special):
                    starts = np.cumsum([0, *sizes])
                    arrays = {
                        name: np.float32(numbers_of(name)[number][start : start + size]).reshape(shape)
                        for name, shape, start, size in zip(names, shapes, starts, sizes, strict=False)
                    }
                    found.append((rank, expression, arrays))
    return [(expression, arrays) for _, expression, arrays in sorted(found, key=lambda each: each[0])]


def numbers_of(name):
    """What an input of this name may hold."""
    return PROBABILITIES if name in "pt" else PATTERNS


def tried(nf, expression, arrays):
    """What comes of an expression: its value or error, the gradients, and what it changes."""
    case = {"expression": expression, "inputs": dict(arrays)}
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tensors = {name: nf.Tensor(array, requires_grad=True) for name, array in arrays.items()}
            value = last_value(expression, {"nf": nf, "np": np, **tensors})
            case["value"] = value if isinstance(value, nf.Tensor) else described(value)
            if isinstance(value, nf.Tensor) and value.requires_grad:
                upstream = np.arange(1, value.data.size + 1, dtype=value.data.dtype).reshape(value.data.shape)
                case["upstream"] = upstream.copy()
                value.backward(upstream)
                for name, tensor in tensors.items():
                    case[f"d{name}"] = tensor.grad
                case["upstream afterwards"] = upstream
            for name, tensor in tensors.items():
                case[f"{name} afterwards"] = tensor.data
        except Exception as error:
            case["error"] = f"{type(error).__name__}: {error}".partition("\n")[0][:LONGEST].rstrip(": ")
    return case


def last_value(expression, names):
    """What the last statement of a case gives, after its steps."""
    *steps, last = ast.parse(expression).body
    exec(compile(ast.Module(steps, []), "<case>", "exec"), names)
    return eval(compile(ast.Expression(last.value), "<case>", "eval"), names)


def described(value):
    """What is not a Tensor as it would be printed, arrays aside."""
    return value if isinstance(value, np.ndarray) else repr(rounded(value))


def rounded(value):
    """Numbers as far as their rounding does not matter."""
    if isinstance(value, float):
        return type(value)(f"{value:.6g}")
    return type(value)(map(rounded, value)) if type(value) in (list, tuple) else value
