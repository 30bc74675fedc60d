"""What integrity marks look for, by the kind of mark, and in words that an instructor can show a student."""

from __future__ import annotations

# Why each kind of mark matters.
WHY = {
    "course": "no exercise needs the grader, the checks or the reference, and a right answer must not depend on them",
    "import": "the package needs NumPy and the standard library's everyday modules; this one needs an explanation",
    "interpreter": "this looks into the running Python or changes it, where the grader's own objects are within reach",
    "system": "a tensor, a layer or an optimizer has no business with files, processes, threads or the network",
    "made code": "code that is made while the program runs can't be read, neither by a person nor by these marks",
    "obfuscation": "text that hides what it says has no place in work that is handed in to be read",
    "replaced": "NumPy's and Python's own functions were given another meaning, also for a comparison of results",
    "disguise": "an object that answers questions about itself falsely can seem equal to whatever it is compared with",
    "table": "a table of numbers may be recorded answers; what the exercises ask for is computed",
    "derivative": "this finds gradients by trying nearby values; the exercises ask for the derivative itself",
    "autograd": "this is another library for automatic differentiation; the course is to write one",
    "size": "this file can't be read in full: it is far larger, or nested far deeper, than any that the course needs",
    "messages": "the messages of the process that ran this work were not those that the grader's own code sends",
}


def _words(text: str) -> set[str]:
    return set(text.split())


def _by_name(kinds: dict[str, str]) -> dict[str, str]:
    """The kind of each name, from the names of each kind."""
    return {name: kind for kind, names in kinds.items() for name in names.split()}


COURSE = _words("_pytest grader milestones noxfile pluggy proofs pytest pytest_timeout solutions starter tests")
AUTOGRAD = _words(
    "adolc aesara algopy autograd casadi chainer cupy flax haiku jax jaxlib keras micrograd mindspore "
    "minitorch mxnet needle paddle pytensor sympy tensorflow theano tinygrad torch torchvision"
)
# Modules with a kind of their own, by the first part of their names; all others are of kind "import".
KINDS = _by_name(
    {
        "interpreter": "ast atexit builtins code dis faulthandler gc imp importlib inspect linecache opcode pkgutil "
        "runpy site symtable sys sysconfig trace tracemalloc types zipimport",
        "system": "_ctypes _posixsubprocess _thread asyncio concurrent ctypes fcntl ftplib glob http mmap "
        "multiprocessing os posix pty resource select selectors shutil signal smtplib socket sqlite3 ssl subprocess "
        "threading urllib webbrowser xmlrpc",
        "made code": "codeop marshal",
        "obfuscation": "base64 binascii bz2 codecs lzma quopri zipfile zlib",
        "derivative": "cmath",
    }
)
CALLS = _by_name(
    {
        "made code": "exec eval compile __import__ types.FunctionType pickle.load pickle.loads pickle.Unpickler "
        "pdb.run pdb.runctx pdb.runeval timeit.repeat timeit.timeit typing.ForwardRef doctest.run_docstring_examples",
        "system": "open numpy.fromfile numpy.memmap numpy.loadtxt numpy.genfromtxt",
        "interpreter": "globals",
        "derivative": "complex numerical_gradient",
    }
)
# Of these, functions of Python itself that no other name may stand for either.
WATCHED = _words("exec eval compile __import__ open globals")
NAMES = _by_name(
    {
        "interpreter": "__build_class__ __builtins__ __loader__ __spec__ logging.currentframe traceback.StackSummary "
        "traceback.TracebackException traceback.walk_stack traceback.walk_tb",
        "derivative": "numpy.cdouble numpy.cfloat numpy.clongdouble numpy.clongfloat numpy.complex64 numpy.complex128 "
        "numpy.complex256 numpy.complex_ numpy.csingle numpy.imag numpy.linalg.eig numpy.linalg.eigvals "
        "numpy.longcomplex numpy.real numpy.roots numpy.singlecomplex",
        "made code": "numpy.testing.measure numpy.testing.rundocs numpy.testing.runstring",
        "replaced": "unittest.mock",
        "system": "logging.config logging.handlers numpy.ctypeslib numpy.distutils numpy.f2py",
    }
)
ATTRIBUTES = _by_name(
    {
        "interpreter": "__builtins__ __closure__ __code__ __defaults__ __globals__ __kwdefaults__ __loader__ "
        "__self__ __subclasses__ ag_await ag_code ag_frame cell_contents co_code co_consts cr_await cr_code cr_frame "
        "f_back f_builtins f_code f_globals f_locals f_trace findCaller gi_code gi_frame gi_yieldfrom tb_frame tb_next",
        "system": "ctypes hardlink_to iterdir read_bytes read_text rglob symlink_to write_bytes write_text",
        "derivative": "imag",
    }
)
# Texts that name complex dtypes.
COMPLEX = _words("c16 c8 cdouble cfloat complex complex128 complex256 complex64 complex_ csingle D G")
# Classes of NumPy whose kinds would be arrays or numbers with answers of their own.
ARRAYS = _words(
    "bool_ chararray core.records.recarray flatiter float16 float32 float64 floating generic inexact int16 int32 int64 "
    "int8 integer lib.user_array.container ma.MaskedArray ma.masked_array matrix memmap ndarray number recarray record"
)
DISGUISES = _words(
    "__array_interface__ __array_struct__ __class__ __del__ __getattribute__ __instancecheck__ __subclasscheck__"
)
COMPARISONS = {"__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__contains__", "__bool__"}

# What an event of a run is called (grader/inside/audit.py), by the first part of its name.
EVENTS = {
    "open": ("system", "it opened {}"),
    "os": ("system", "it called {event} {}"),
    "subprocess": ("system", "it started a program: {}"),
    "socket": ("system", "it used the network ({event})"),
    "ctypes": ("system", "it used machine code directly ({event})"),
    "gc": ("interpreter", "it looked through all objects in memory ({event})"),
    "sys": ("interpreter", "it looked into the running Python, or changed it ({event})"),
    "object": ("interpreter", "it reached for an internal attribute {}"),
    "import": ("import", "it imported {}"),
    "exec": ("made code", "it ran code made from text"),
    "compile": ("made code", "it made code from text"),
    "code": ("made code", "it put code together by hand"),
    "function": ("made code", "it put a function together by hand"),
    "marshal": ("made code", "it loaded compiled code from data"),
    "pickle": ("made code", "it loaded objects from data: {}"),
    "changed": ("replaced", "{} was another object after this work had run than before"),
}
