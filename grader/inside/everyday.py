"""What of the standard library raises no question in a tree."""

from __future__ import annotations


def _words(text: str) -> set[str]:
    return set(text.split())


# Modules of the standard library that raise no question as a whole.
HARMLESS = _words(
    "__future__ abc argparse array bisect calendar collections contextlib contextvars copy copyreg csv "
    "dataclasses datetime decimal difflib doctest enum fractions functools graphlib hashlib heapq io itertools json "
    "keyword locale logging math neural_framework numbers operator pathlib pdb pickle pprint queue random "
    "re secrets statistics string struct tempfile textwrap time timeit traceback typing typing_extensions "
    "unicodedata unittest uuid warnings weakref"
)
# Modules of which only these names raise no question.
PARTLY = {
    "os": _words(
        "PathLike cpu_count devnull fspath fsync getpid linesep makedirs name path remove replace sep unlink urandom"
    ),
    "sys": _words(
        "argv byteorder exc_info exit flags float_info getdefaultencoding getrecursionlimit getrefcount "
        "getsizeof hexversion implementation int_info intern maxsize maxunicode platform setrecursionlimit "
        "stderr stdin stdout version version_info"
    ),
    "inspect": _words(
        "Parameter Signature cleandoc getdoc getfullargspec getmro isabstract isasyncgenfunction isawaitable "
        "isclass iscoroutinefunction isfunction isgenerator isgeneratorfunction ismethod signature"
    ),
    "threading": _words("Condition Event Lock RLock Semaphore current_thread get_ident local main_thread"),
    "types": _words(
        "BuiltinFunctionType DynamicClassAttribute EllipsisType FunctionType GeneratorType GenericAlias "
        "LambdaType MappingProxyType MethodType ModuleType NoneType NotImplementedType SimpleNamespace "
        "TracebackType UnionType coroutine"
    ),
}
