"""Every name of the pages in `names` is there, and is compared with PyTorch or excused with a reason."""

import ast
import inspect
import re
from functools import cache

import pytest

import neural_framework as nf
from grader.files import DOCS

from . import test_modules, test_tensors, test_training
from .comparison import Table, both, leaves, names_in, run
from .names import contract, pages

PAGES = pages()

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
def compared(page, owner):
    """What the tests compare of an owner's names, and perhaps more."""
    if page is not contract:
        rows = tables(*page.COMPARED_IN)
        return variables(rows) | mentioned(rows)
    if owner == "package":  # training_step: 200 of them in test_training.py
        return variables(tables(test_tensors, test_modules, test_training)) | {"training_step"}
    if owner == "operations":
        return operations()
    if owner == "Scheduler":
        return mentioned([inspect.getsource(test_training.test_schedulers)])
    rooms = {"Tensor": test_tensors, "Module": test_modules, "Sequential": test_modules, "init": test_modules}
    return mentioned(tables(rooms.get(owner, test_training)))


def all_names(page):
    """What a page promises: owner.name."""
    return [f"{owner}.{name}" for owner, names in page.NAMES.items() for name in names.split()]


def excused(page):
    """The names without a counterpart, and "owner.*" for all of an owner."""
    return set(" ".join(page.NO_COUNTERPART.values()).split())


@pytest.mark.parametrize(("page", "name"), [(page, name) for page in PAGES for name in all_names(page)])
def test_every_name_is_there_and_compared(page, name):
    """A name is in a row of the tables, or else in the list of those without a counterpart."""
    owner, attribute = name.split(".")
    assert hasattr(page.OWNERS[owner], attribute), f"{name} is missing"
    if name in excused(page) or f"{owner}.*" in excused(page):
        assert attribute not in compared(page, owner), f"{name} is compared, and needs no excuse"
    else:
        assert attribute in compared(page, owner), f"{name} is not compared with PyTorch"


@pytest.mark.parametrize("page", PAGES)
def test_excuses_are_for_names_of_the_list(page):
    """No excuse outlives its name."""
    assert {*all_names(page), *(f"{owner}.*" for owner in page.NAMES)} >= excused(page)


@pytest.mark.parametrize("page", PAGES)
def test_the_list_is_that_of_the_page(page):
    """Names that the page writes in code are in the list, and the other way round; it may also speak of the
    contract's."""
    text = (DOCS / page.PAGE).read_text(encoding="utf-8")
    if page is not contract:
        text = re.split(r"^## ", text.partition(f"\n## {page.SECTION}")[2], flags=re.MULTILINE)[0]
    names = {name.split(".")[1] for name in all_names(page)}
    assert {name for name in names if not name.startswith("__")} <= set(re.findall(r"\w+", text))
    known = {name.split(".")[1] for name in all_names(contract)} if page is not contract else set()
    assert set(words_in_code(text)) <= names | known | set(page.OTHER_WORDS.split())


def words_in_code(text):
    """The words between backticks, without those between parentheses: arguments."""
    for code in re.findall(r"`([^`]+)`", text):
        without = re.sub(r"\([^()]*\)", "", re.sub(r"\([^()]*\)", "", code))
        yield from re.findall(r"[A-Za-z_]\w+", without)
