"""Every name of docs/contract.md is there, and is compared with PyTorch or excused with a reason."""

import ast
import inspect
import re
from functools import cache

import pytest

import neural_framework as nf
from grader.files import DOCS

from . import test_modules, test_tensors, test_training
from .comparison import Table, both, leaves, names_in, run
from .names import NAMES, NO_COUNTERPART, OWNERS

ALL = [f"{owner}.{name}" for owner, names in NAMES.items() for name in names.split()]
EXCUSED = set(" ".join(NO_COUNTERPART.values()).split())

# What else the page writes as code: Python's words, arguments, examples, keys, the names of weights and files.
OTHER_WORDS = """
    __init__ accumulation array asarray axis bias bias_hh bias_ih bool callback cell check_frequency dim elementwise
    epoch equal False float float32 gain Generator group hash hidden_size in inputs keepdim keepdims len lengths loss lr
    max_grad_norm metrics mode needs_grad neural_framework none None np npz number ok operations path pickle py random
    reduction repr result retain_graph rnn self solutions starter super train_accuracy train_loss True type update
    validation_accuracy validation_loss vs weight weight_hh weight_ih X_l0
"""

# Python's syntax, in ast's words, and functions -> the methods behind it, where they have another name.
SPELLED = {"mult": "mul", "div": "truediv", "matmult": "matmul", "usub": "neg", "lte": "le", "gte": "ge"}
SPELLED["in"] = "contains"
CALLS = {"asarray": "array", "enumerate": "iter", "model": "call"}


def tables(*modules):
    """Our side of every row in the tables of the test modules: a list of code."""
    rows = [row for module in modules for table in vars(module).values() if isinstance(table, Table) for row in table]
    return [code for row in rows for code in (row[0], *row[2:])]


def variables(codes):
    """The variables that the code reads."""
    return set().union(*(names_in(code) for code in codes))


def mentioned(codes):
    """Variables, attributes, and the methods behind the operators and functions that the code uses."""
    names = set()
    for node in (node for code in codes for node in ast.walk(ast.parse(code))):
        if isinstance(node, (ast.Name, ast.Attribute)):
            name = node.id if isinstance(node, ast.Name) else node.attr
            names |= {name, f"__{CALLS.get(name, name)}__"}
        elif isinstance(node, ast.BinOp):
            reflected = isinstance(node.left, ast.Constant) or ast.unparse(node.left).endswith(".numpy()")
            names.add(method(node.op, "r" if reflected else ""))
        elif isinstance(node, ast.AugAssign):
            names.add(method(node.op, "i"))
        elif isinstance(node, ast.UnaryOp):
            names.add(method(node.op))
        elif isinstance(node, ast.Compare):
            names |= {method(operator) for operator in node.ops}
        elif isinstance(node, ast.Subscript):
            names.add("__getitem__")
        elif isinstance(node, ast.comprehension):
            names.add("__iter__")
    return names


def method(operator, prefix=""):
    """The name of the method behind an operator of ast."""
    word = type(operator).__name__.lower()
    return f"__{prefix}{SPELLED.get(word, word)}__"


def operations():
    """The names of all operations that the rows on tensors recorded."""
    names = set()
    for code in tables(test_tensors):
        for value in leaves(run(code, both({**test_tensors.INPUTS, **test_tensors.MANY})[0])):
            if isinstance(value, nf.Tensor) and value.grad_fn is not None:
                names |= {type(operation).__name__ for operation in nf.topological_sort(value)}
    return names


@cache
def compared(owner):
    """What the tests compare of an owner's names, and perhaps more."""
    if owner == "package":  # training_step: 200 of them in test_training.py
        return variables(tables(test_tensors, test_modules, test_training)) | {"training_step"}
    if owner == "operations":
        return operations()
    if owner == "Scheduler":
        return mentioned([inspect.getsource(test_training.test_schedulers)])
    rooms = {"Tensor": test_tensors, "Module": test_modules, "Sequential": test_modules, "init": test_modules}
    return mentioned(tables(rooms.get(owner, test_training)))


@pytest.mark.parametrize("name", ALL)
def test_every_name_is_there_and_compared(name):
    """A name is in a row of the tables, or else in the list of those without a counterpart."""
    owner, attribute = name.split(".")
    assert hasattr(OWNERS[owner], attribute), f"{name} is missing"
    if name in EXCUSED or f"{owner}.*" in EXCUSED:
        assert attribute not in compared(owner), f"{name} is compared, and needs no excuse"
    else:
        assert attribute in compared(owner), f"{name} is not compared with PyTorch"


def test_excuses_are_for_names_of_the_list():
    """No excuse outlives its name."""
    assert {*ALL, *(f"{owner}.*" for owner in NAMES)} >= EXCUSED


def test_the_list_is_that_of_the_page():
    """Names that the page writes in code are in the list, and the other way round."""
    page = (DOCS / "contract.md").read_text(encoding="utf-8")
    names = {name.split(".")[1] for name in ALL}
    assert {name for name in names if not name.startswith("__")} <= set(re.findall(r"\w+", page))
    assert set(words_in_code(page)) <= names | set(OTHER_WORDS.split())


def words_in_code(page):
    """The words between backticks, without those between parentheses: arguments."""
    for code in re.findall(r"`([^`]+)`", page):
        without = re.sub(r"\([^()]*\)", "", re.sub(r"\([^()]*\)", "", code))
        yield from re.findall(r"[A-Za-z_]\w+", without)
