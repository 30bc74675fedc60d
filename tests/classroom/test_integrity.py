"""Integrity marks: each thing that an instructor should look at is marked, with its line; ordinary work is not."""

import random
import time

import pytest

from grader.classroom.integrity import MOST, marks, marks_of_run, together
from grader.course.milestones import checks_of, course
from grader.files import SOLUTIONS
from grader.grade import grade
from grader.protocol import Note
from grader.run.fork_server import forked
from grader.source.reference import reference, starter
from grader.source.starter import generate
from grader.source.transplant import transplanted
from proofs.second_bodies import all_second_bodies, swapped, units, whole_trees
from proofs.wrong_bodies import wrong_bodies

FILE = "neural_framework/operations/arithmetic.py"


def of_tree(**changes):
    """The marks on the reference with some files changed."""
    files = {**reference(), **changes}
    return marks({name: text.encode() for name, text in files.items()})


def of_code(code):
    """The marks on the reference when one of its files ends with more code."""
    return of_tree(**{FILE: f"{reference()[FILE]}\n{code}\n"})


def test_the_reference_and_the_starter_have_no_mark():
    assert of_tree() == of_tree(**starter()) == []


@pytest.mark.parametrize("name", whole_trees())
def test_a_whole_tree_has_no_mark(name):
    assert of_tree(**whole_trees()[name]) == []


def test_no_second_body_has_a_mark():
    assert of_tree(**all_second_bodies()) == []
    for functions in units().values():
        changes = swapped(functions)
        assert marks({name: text.encode() for name, text in changes.items()}) == []


def test_no_wrong_body_has_a_mark():
    for body in wrong_bodies():
        assert marks({name: text.encode() for name, text in body.changes().items()}) == [], body.id


def half_finished(number):
    """The reference up to some task, with three wrong bodies in what comes before it; the rest are stubs."""
    draw = random.Random(number)
    texts, bodies = dict(reference()), wrong_bodies()
    last = draw.choice(bodies).task
    for body in draw.sample([body for body in bodies if body.task <= last], 3):
        (file,), (text,) = zip(*body.changes().items(), strict=True)
        texts[file] = transplanted(texts[file], text, [body.name])
    return {name: generate(text, name, lambda exercise: exercise.task_id > last) for name, text in texts.items()}


def test_thirty_half_finished_trees_have_no_mark():
    for number in range(30):
        assert of_tree(**half_finished(number)) == []


@pytest.mark.parametrize("name", ["second bodies", *whole_trees(), "half-finished"])
def test_right_and_unfinished_work_leaves_no_mark_when_it_runs(name):
    changes = {"second bodies": all_second_bodies(), **whole_trees(), "half-finished": half_finished(7)}[name]
    checks, notes = checks_of(task for milestone in course() for task in milestone.exercises), []
    verdicts = list(grade(SOLUTIONS, checks, changes=changes, launch=forked, notes=notes))
    assert any(verdict.passed for verdict in verdicts)
    assert marks_of_run(notes, verdicts) == []


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("import grader", "course"),
        ("from solutions.neural_framework import Tensor", "course"),
        ("import pytest", "course"),
        ("import scipy.special", "import"),
        ("import torch", "autograd"),
        ("from jax import grad", "autograd"),
        ("def f():\n    import gc\n    gc.get_objects()", "interpreter"),
        ("import sys as s\ns.modules", "interpreter"),
        ("from sys import _getframe", "interpreter"),
        ("import inspect\ninspect.stack()", "interpreter"),
        ("().__class__.__base__.__subclasses__()", "interpreter"),
        ("getattr(print, '__globals__')", "interpreter"),
        ("import sys\ngetattr(sys, 'settrace')(None)", "interpreter"),
        ("f = (i for i in ())\nf.gi_frame", "interpreter"),
        ("__builtins__", "interpreter"),
        ("import importlib", "interpreter"),
        ("import os\nos.listdir('/')", "system"),
        ("from os import environ", "system"),
        ("import ctypes", "system"),
        ("import subprocess", "system"),
        ("open('/etc/passwd')", "system"),
        ("from pathlib import Path\nPath('/etc/passwd').read_text()", "system"),
        ("import threading\nthreading.Thread()", "system"),
        ("exec('1')", "made code"),
        ("run = exec\nrun('1')", "made code"),
        ("if __name__ != 'x':\n    import gc", "interpreter"),
        ("__name__ = '__main__'\nif __name__ == '__main__':\n    import gc", "interpreter"),
        ("import operator\noperator.attrgetter('__globals__')", "interpreter"),
        ("print.__self__", "interpreter"),
        ("from sys import *", "interpreter"),
        ("eval('1')", "made code"),
        ("import io, pickle\npickle.load(io.BytesIO(b'I1\\n.'))", "made code"),
        ("__import__('gc')", "made code"),
        ("import types\ntypes.FunctionType(f, {})", "made code"),
        ("getattr(np, 'te' + 'sting')", "obfuscation"),
        ("getattr(np, 'gnitset'[::-1])", "obfuscation"),
        ("getattr(np, ''.join(['te', 'sting']))", "obfuscation"),
        ("getattr(np, ''.join(chr(c) for c in [116, 101]))", "obfuscation"),
        ("import zlib", "obfuscation"),
        ("bytes.fromhex('00')", "obfuscation"),
        ("getattr(np, b'testing'.decode())", "obfuscation"),
        ("name = '\\uff54\\uff45\\uff53\\uff54\\uff49'.encode().decode()", "obfuscation"),
        ("name = b'exec'.decode()", "obfuscation"),
        ("name = bytes([116, 101, 115, 116]).decode()", "obfuscation"),
        ("name = bytes(reversed(range(97, 99))).decode()", "obfuscation"),
        ("x = '" + "QUJD" * 60 + "'", "obfuscation"),
        ("x = 1  # \u202e", "obfuscation"),
        ("x = 1  # \U0001f469\u200d", "obfuscation"),
        ("x = 1  # \u200d\U0001f469", "obfuscation"),
        ("np.sum = max", "replaced"),
        ("np.testing.assert_allclose = print", "replaced"),
        ("setattr(np, 'sum', max)", "replaced"),
        ("np.__dict__['sum'] = max", "replaced"),
        ("import builtins\nbuiltins.abs = max", "replaced"),
        ("class A:\n    def __eq__(self, other):\n        return True", "disguise"),
        ("class A:\n    __class__ = float", "disguise"),
        ("class A(np.ndarray):\n    pass", "disguise"),
        ("class A(ValueError, KeyError, IndexError):\n    pass", "disguise"),
        ("x = [" + "1.0, " * 100 + "]", "table"),
        ("x = np.frombuffer(b'1234')", "table"),
        ("from ..autodiff import numerical_gradient\ndef f(g):\n    return numerical_gradient(g, [])", "derivative"),
        ("def f(g, x):\n    return g(x + 1e-20j).imag / 1e-20", "derivative"),
        ("def f(g, x, h=1e-6):\n    return (g(x + h) - g(x - h)) / (2 * h)", "derivative"),
        ("def f(g, x):\n    h = 1e-6\n    return (g(x + h) - g(x)) / h", "derivative"),
        ("x = np.zeros(3, dtype=complex)", "derivative"),
        ("x = np.zeros(3, np.complex128)", "derivative"),
        ("def f(g, x):\n    z = np.exp(1j * 1e-20)\n    return g(x * z).imag / (x * 1e-20)", "derivative"),
        ("def f(g, x):\n    z = np.exp(1j * 1e-20)\n    z = g(x * z)\n    return z.imag", "derivative"),
        ("def f(g, x):\n    z = np.exp(1j * 1e-20)\n    return np.imag(g(x * z))", "derivative"),
        ("def f(g):\n    return g.__globals__ == {}", "interpreter"),
        ("def f(g, z):\n    if g:\n        z = np.exp(1j * 2)\n    return z.imag", "derivative"),
        ("def f(g):\n    z = np.exp(1j * 2)\n    now = z\n    now = g(now) * z\n    return now.imag", "derivative"),
        ("def slope(x):\n    return np.exp(x + 1e-20j) / 1e-20", "derivative"),
        ("def backward(self, grad):\n    return self.forward(self.x + 1) - self.y", "derivative"),
        ("import logging\nlogging.sys.modules", "interpreter"),
        ("from random import _os as system\nsystem.listdir('/')", "system"),
        ("np.lib.npyio.os.listdir('/')", "system"),
        ("match type:\n    case object(__subclasses__=below):\n        below(object)", "interpreter"),
        ("import operator\noperator.attrgetter('__class__.__base__.__subclasses__')", "interpreter"),
        ("import operator\noperator.attrgetter('__sessalcbus__'[::-1])", "interpreter"),
        ("'{0.__globals__}'.format(print)", "interpreter"),
        ("x = Tensor(\n    1\n).__class__.__base__.__subclasses__()", "interpreter"),
        ("[getattr(type, name) for name in dir(type)]", "interpreter"),
        ("import traceback\nlist(traceback.walk_stack(None))", "interpreter"),
        ("def f(__name__):\n    if __name__ == '__main__':\n        import gc", "interpreter"),
        ("from .x import y as __name__\nif __name__ == '__main__':\n    import gc", "interpreter"),
        ("from . import elementwise\nelementwise.__name__ = '__main__'", "interpreter"),
        ("getattr(np, f\"test{'ing'}\")", "obfuscation"),
        ("name = '__sub' + 'classes__'\ngetattr(f, name)", "obfuscation"),
        ("x = '" + "\N{GRINNING FACE}\N{WINKING FACE}" * 150 + "'", "obfuscation"),
        ("from unittest import mock", "replaced"),
        ("np.__dict__.update(sum=max)", "replaced"),
        ("object.__setattr__(np, 'sum', max)", "replaced"),
        ("for np.sum in [max]:\n    pass", "replaced"),
        ("np.sum, x = max, 1", "replaced"),
        ("import neural_framework as nf\nnf.Tensor.sum = np.add.reduce = max", "replaced"),
        ("other = np\nother.sum = max", "replaced"),
        ("A = type('A', (), {'__class__': float})", "disguise"),
        ("A = type('A', (np.ndarray,), {})", "disguise"),
        ("Base = np.ndarray\nclass A(Base):\n    pass", "disguise"),
        ("class A(np.ma.MaskedArray):\n    pass", "disguise"),
        ("class A:\n    __eq__ = lambda self, other: True", "disguise"),
        ("class A:\n    __array_interface__ = {}", "disguise"),
        ("object.__setattr__(f, '__class__', float)", "disguise"),
        ("def f():\n    '''" + "1.5 2.5 " * 50 + "'''", "table"),
        ("x = " + "123456789" * 20, "table"),
        ("x = b'" + "abcdefgh" * 10 + "'", "table"),
        ("\n".join(f"def f{n}():\n    return {n}.5" for n in range(150)), "table"),
        ("H = 1e-6\ndef f(g, x):\n    return (g(x + H) - g(x - H)) / (2 * H)", "derivative"),
        ("def f(g, x):\n    h = 2.0**-20\n    d = g(x + h) - g(x - h)\n    return d / (2 * h)", "derivative"),
        ("f = lambda g, x, h=1e-6: (g(x + h) - g(x - h)) / (2 * h)", "derivative"),
        ("def f(g, x):\n    h = np.sqrt(np.finfo(float).eps)\n    return (g(x + h) - g(x)) / h", "derivative"),
        ("x = np.emath.sqrt(-1)", "derivative"),
        ("x = (-1) ** 0.5", "derivative"),
        ("minus = -1.0\nturn = minus**0.5", "derivative"),
        ("turn = pow(-1, 0.5)", "derivative"),
        ("make = complex\nturn = make(0, 1)", "derivative"),
        ("x = np.array(list(map(complex, [0, 1])))", "derivative"),
        ("wide = 'complex128'\nx = np.zeros(3).astype(wide)", "derivative"),
        ("x = np.linspace(0, 1, 3, dtype='D')", "derivative"),
        ("x = np.zeros(3, np.result_type(float, 'D'))", "derivative"),
        ("turn = np.roots([1, 0, 1])[0]", "derivative"),
        ("turn = np.linalg.eigvals([[0, -1], [1, 0]])[0]", "derivative"),
        ("x = np.zeros(3, dtype='c16')", "derivative"),
        ("x = " + "[" * 190 + "]" * 190, None),
        ("x = " + "-" * 60_000 + "1", "size"),
        ("# " + "x" * 300_000, "size"),
    ],
)
def test_what_to_look_at_is_marked(code, kind):
    found = of_code(code)
    first = reference()[FILE].count("\n") + 1
    assert (kind in [mark.kind for mark in found]) if kind else not found
    assert all(mark.file == FILE and (mark.line > first or kind in ("size", "table")) and mark.why for mark in found)


@pytest.mark.parametrize(
    "code",
    [
        "import os, sys\npath = os.path.join('a', str(sys.maxsize))",
        "if __name__ == '__main__':\n    import gc\n    print(open(__file__).read())",
        "def f(self, i):\n    return getattr(self, f'weight_{i}')",
        "def f(p, t):\n    return (p - t) / (p * (1 - p) + 1e-12)",
        "message = 'a long sentence that says what is wrong, ' * 9",
        "import time\nstarted = time.time()\nprint(time.time() - started)",
        "def f(x):\n    if isinstance(x, complex) or np.iscomplexobj(x):\n        raise TypeError",
        "def f(angles):\n    return np.exp(1j * angles)",
        "def f(angles):\n    return np.exp(-2j * np.pi * angles / 8).imag",
        "def f(angles):\n    z = np.exp(1j * angles)\n    return np.stack([z.real, z.imag, np.imag(z)], axis=-1)",
        "def f(a):\n    z = np.exp(1j * a).astype(np.csingle)\n    now = np.ones_like(z)\n    now = now * z\n"
        "    return now.imag",
        "def f(x):\n    if x.dtype in (np.complex64, np.complex128) or x.dtype.type is np.csingle:\n        raise",
        "def f(x):\n    if isinstance(x, (complex, np.complex128)):\n        raise TypeError",
        "NUMBERS = (int, float, complex)\ndef f(x: complex, *, dtype='d'):\n    return np.ones(3, dtype=dtype)",
        "minus = -1\nsigns = [minus**k * pow(minus, k) * pow(-1, 2) for k in range(3)]",
        "def f(x):\n    if str(x.dtype) in ('complex64', 'complex128'):\n        raise TypeError('complex numbers')",
        "def f(x, k):\n    return np.lib.stride_tricks.sliding_window_view(x, k, axis=-1)",
        "def f(out, at, grad):\n    np.add.at(out, at, grad)\n    return np.add.reduceat(out, [0, 2])",
        "import functools\ndef f(g):\n    return functools.wraps(g)(functools.lru_cache(maxsize=None)(lambda: g()))",
        "import dataclasses\n@dataclasses.dataclass(frozen=True, slots=True)\nclass A:\n    a: int = 0\n"
        "    def __post_init__(self):\n        object.__setattr__(self, 'a', 1)",
        "import contextlib\n@contextlib.contextmanager\ndef f():\n    with contextlib.ExitStack():\n        yield",
        "import inspect\ndef f(g):\n    return [p.kind for p in inspect.signature(g).parameters.values()]",
        "import weakref\nclass A:\n    __slots__ = ('a', '__weakref__')\n    def __init__(self, a):\n"
        "        self.a = weakref.ref(a)",
        "import copy\nclass A:\n    def __deepcopy__(self, memo):\n"
        "        new = self.__class__.__new__(self.__class__)\n"
        "        new.__dict__.update(copy.deepcopy(self.__dict__, memo))\n        return new",
        "class A:\n    def __setattr__(self, name, value):\n        self.__dict__[name] = value\n"
        "    def __delattr__(self, name):\n        del self.__dict__[name]",
        "import warnings\ndef f(x):\n    with warnings.catch_warnings(), np.errstate(all='ignore'):\n"
        "        warnings.simplefilter('ignore')\n        return np.log(x)",
        "import itertools, operator\ndef f(x):\n    return list(itertools.accumulate(x, operator.mul))",
        "import random\nfrom collections import OrderedDict, namedtuple\nState = namedtuple('State', 'h c')\n"
        "random.shuffle([1, 2])",
        "import threading\n_state = threading.local()\nclass A:\n    def __enter__(self):\n        _state.on = False",
        "import math\ndef gelu(x):\n    return x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))",
        "class A:\n    __array_priority__ = 1000\n    __array_ufunc__ = None\n    __hash__ = object.__hash__\n"
        "    def __eq__(self, other):\n        return NotImplemented",
        "from typing import TYPE_CHECKING, Any, Protocol\nif TYPE_CHECKING:\n    from .tensor import Tensor\n"
        "def f(x: 'Tensor') -> Any: ...",
        "ALL = bytes(range(256)).decode('latin-1') + bytes(range(97, 123)).decode()",
        "BAD, SPACE = b'\\xff'.decode('utf-8', errors='replace'), '\u0120'.encode('utf-8').decode('latin-1')",
        "ALPHABET = {i: bytes([i]).decode('latin-1') for i in range(256)}",
        "import logging\nlog = logging.getLogger(__name__)\nlog.addHandler(logging.NullHandler())\nlog.name = 'nf'",
        "class Registry:\n    known = {}\n    def __init_subclass__(cls, **settings):\n"
        "        super().__init_subclass__(**settings)\n        Registry.known[cls.__name__] = cls",
        "def __getattr__(name):\n    if name == 'relu6':\n        return print\n"
        "    raise AttributeError(f'module {__name__!r} has no attribute {name!r}')",
        "import struct\ndef f(data):\n    magic, count = struct.unpack('>II', data[:8])\n"
        "    assert magic == 0x00000803\n    return np.frombuffer(data, np.uint8, offset=16)",
        "import contextvars\n_on = contextvars.ContextVar('on', default=True)\ntoken = _on.set(False)",
        "import typing\n@typing.overload\ndef f(x: int) -> int: ...\n@typing.overload\ndef f(x: str) -> str: ...\n"
        "def f(x):\n    return x",
        "import operator\nshout, first = operator.methodcaller('upper'), operator.attrgetter('data.shape')",
        "import functools\ndef f(g):\n    def inner(*a):\n        return g(*a)\n    inner.__name__ = g.__name__\n"
        "    inner.__doc__ = g.__doc__\n    return inner",
        "class A:\n    def __eq__(self, other):\n        if not isinstance(other, A):\n"
        "            return NotImplemented\n        return self.x == other.x\n    def __bool__(self):\n"
        "        if self.x.size != 1:\n            raise ValueError\n        return bool(self.x.item())",
        "EPS = 1e-8\ndef f(g, v, m):\n    return (g - m) / (np.sqrt(v) + EPS), np.clip(v, EPS, 1 - EPS)",
        "class A:\n    eps = 1e-5\n    def f(self, x):\n        return (x - x.mean()) / np.sqrt(x.var() + self.eps)",
        "lr = 0.01\ndef f(w, g, before):\n    w -= lr * g\n    return (w - before) / 2",
        "def f(x, beta=0.01):\n    return np.where(x < beta, 0.5 * x**2 / beta, np.abs(x) - 0.5 * beta)",
        "import traceback, warnings\ndef f():\n    try:\n        return 1 / 0\n    except ZeroDivisionError:\n"
        "        warnings.warn(traceback.format_exc(), stacklevel=2)",
        "class Mixin(np.lib.mixins.NDArrayOperatorsMixin):\n    pass\n__all__ = ['Mixin'] + ['other']",
        "def f(x):\n    return f'{x:.3f} of {1}' + ' and so on' + \"__repr__\"",
        "from types import TracebackType\nclass NoGrad:\n"
        "    def __exit__(self, kind: type | None, error, trace: TracebackType | None): ...",
        "from graphlib import TopologicalSorter\nlist(TopologicalSorter({'y': ['x']}).static_order())",
        "import neural_framework as nf\nfrom neural_framework.tensor import Tensor\ndef f(self):\n    return self\n"
        "Tensor.shout = nf.Tensor.cry = f\nsetattr(Tensor, 'weep', f)",
        "print('\U0001f469\u200d\U0001f4bb, \u2764\ufe0f\u200d\U0001f525, \U0001f469\U0001f3fd\u200d\u2695\ufe0f')",
        "import matplotlib_like_typo if",
    ],
)
def test_what_students_also_write_is_not(code):
    assert of_code(code) == []


def test_a_table_that_begins_on_a_line_of_the_starter_is_marked():
    name, line = "neural_framework/operations/__init__.py", "__all__ = ["
    assert line in starter()[name].split("\n")
    table = "\n".join([line, *["    1, 2, 3, 4, 5, 6, 7, 8, 9, 0,"] * 50, "]\n"])
    (mark,) = of_tree(**{name: starter()[name] + table})
    assert (mark.kind, mark.what) == ("table", "a table of 500 numbers")


def test_marks_are_few_and_come_in_order():
    found = of_code("\n".join(["import gc", "open('x')", "exec('1')"] * 100))
    assert found == sorted(found) and len(found) == 15
    many = {f"neural_framework/{number}.py": "import gc\nopen('x')" for number in range(200)}
    assert len(of_tree(**many)) == MOST
    late = of_tree(**many, **{"neural_framework/z.py": "import pytest", "neural_framework/x.py": "def f(x): return 1j"})
    assert len(late) == MOST and late == sorted(late)
    assert {"course", "derivative"} <= {mark.kind for mark in late}


def names_in_turn(first, count=10_000):
    return f"import numpy as np\na0 = {first}\n" + "".join(f"a{number + 1} = a{number}\n" for number in range(count))


@pytest.mark.parametrize(
    ("code", "kinds"),
    [
        (names_in_turn("1"), []),
        (names_in_turn("np.exp(1j)") + "x = a9999.imag\n", []),
        (names_in_turn("np.exp(1)") + "x = a9999.imag\n", ["derivative"]),
        ("\n".join(["x = " + "+".join(["'a'"] * 900)] * 40), ["size"]),
        (("f = " + "lambda: " * 900 + "0\n") * 20, ["size"]),
        ("import numpy\n" + ("x = numpy" + ".y" * 900 + "\n") * 70, ["size"]),
        (("x = " + "[" * 90 + "h" + ", h" * 1_000 + "]" * 90 + "\n") * 30, ["size"]),
        ("".join(" " * one + f"def f{one}():\n" for one in range(98)) + (" " * 98 + "x = h\n") * 1_000, []),
        ("x = " + " + ".join(["'a piece of a text'"] * 90), []),
    ],
)
def test_reading_takes_no_longer_than_for_other_files_of_the_size(code, kinds):
    started = time.process_time()
    found = marks({f"neural_framework/{number}.py": code.encode() for number in range(3)})
    assert [mark.kind for mark in found] == kinds * 3
    assert time.process_time() - started < 9  # a tenth of it here


def test_a_names_controls_do_not_leave():
    (mark,) = marks({"neural_framework/\x1b[2J.py": b"import gc"})
    assert mark.file == "neural_framework/\\x1b[2J.py"


def test_a_file_in_a_folder_of_another_librarys_name_is_marked():
    assert [mark.kind for mark in marks({"neural_framework/tinygrad/tensor.py": b""})] == ["autograd"]


def test_what_was_noted_while_it_ran_is_said_in_words():
    notes = [Note("open", "/etc/passwd, r", FILE, 3), Note("changed", "numpy.sum")]
    notes += [Note("new.event", "", FILE, 9), Note("import", "torch", FILE, 2)]
    found = marks_of_run(notes, [])
    assert [(mark.kind, mark.line) for mark in found] == [
        ("replaced", 0),
        ("autograd", 2),
        ("system", 3),
        ("interpreter", 9),
    ]
    assert found[2].what == "it opened /etc/passwd, r"


def test_a_place_is_marked_once():
    by_reading = of_code("open('/etc/passwd')")
    line = by_reading[0].line
    assert together(by_reading, marks_of_run([Note("open", "/etc/passwd, r", FILE, line)], [])) == by_reading
