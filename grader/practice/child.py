"""Evaluates expressions with trees' code, in a process of its own: running.py starts it with a job and a file to fill.

It imports nothing of the grader. Each answer is one line, written as soon as it is there.
"""

from __future__ import annotations

import ast
import functools
import importlib
import importlib.abc
import importlib.util
import json
import os
import sys

PACKAGE = "neural_framework"
MEMORY = 4 << 30  # bytes: a typed expression may ask for more than there is
LONGEST = 20_000  # characters of an answer


def main() -> None:
    """Answer the job's expressions, tree by tree."""
    with open(sys.argv[1], encoding="utf-8") as file:
        job = json.load(file)
    import numpy as np

    limit_memory()
    with open(sys.argv[2], "a", encoding="utf-8") as answers:
        for number, trial in enumerate(job["trials"]):
            names, failure = {"np": np}, None
            if trial["folder"] is not None:
                try:
                    names["nf"] = fresh_package(trial["folder"], trial["changes"])
                except BaseException as error:
                    failure = told(error)
            for place, code in enumerate(trial["codes"]):
                own = {**names, "rng": np.random.default_rng(job["seed"])}
                answers.write(json.dumps([number, place, failure or answer(code, own)]) + "\n")
                answers.flush()


def limit_memory() -> None:
    """Bound what this process may use, where the system can."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    except (ImportError, OSError, ValueError):
        pass


class Texts(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports the package from a folder, some of its files changed. A text is compiled once, whatever tree it is of."""

    def __init__(self, folder: str, changes: dict[str, str]):
        self.folder, self.changes = folder, changes

    def find_spec(self, fullname: str, path=None, target=None):
        """Where a module of the package comes from."""
        place = fullname.replace(".", "/")
        for file in (f"{place}/__init__.py", f"{place}.py"):
            full = os.path.join(self.folder, file)
            if fullname.split(".")[0] == PACKAGE and (file in self.changes or os.path.isfile(full)):
                inner = [os.path.dirname(full)] if file.endswith("__init__.py") else None
                return importlib.util.spec_from_file_location(
                    fullname, full, loader=self, submodule_search_locations=inner
                )
        return None

    def exec_module(self, module) -> None:
        """Run a module's text."""
        path = module.__spec__.origin
        changed = self.changes.get(os.path.relpath(path, self.folder).replace(os.sep, "/"))
        if changed is None:
            with open(path, "rb") as file:
                changed = file.read()
        exec(compiled(changed), module.__dict__)


@functools.cache
def compiled(text: str | bytes):
    """A text's code."""
    return compile(text, "<tree>", "exec", dont_inherit=True)


def fresh_package(folder: str, changes: dict[str, str]):
    """The package of this folder, in the place of any that was imported before."""
    for name in [name for name in sys.modules if name.split(".")[0] == PACKAGE]:
        del sys.modules[name]
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, Texts)]
    sys.meta_path.insert(0, Texts(folder, changes))
    return importlib.import_module(PACKAGE)


def answer(code: str, names: dict) -> dict:
    """What the last line of some code evaluates to, as text, or the error."""
    try:
        *lines, last = ast.parse(code).body
        exec(compile(ast.Module(lines, []), "<question>", "exec"), names)
        text = repr(plain(eval(compile(ast.Expression(last.value), "<question>", "eval"), names)))
        if len(text) > LONGEST:
            raise ValueError("the answer is too long to be shown")
        return {"value": text}
    except BaseException as error:  # also SystemExit: the next expression has to be answered
        return told(error)


def plain(value):
    """A value as numbers, texts, lists and tuples."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return type(value)(map(plain, value))
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"{type(value).__name__} is neither a number, a text nor a list of them")


def told(error: BaseException) -> dict:
    """An error, as text."""
    try:
        message = str(error)[:500]
    except Exception:
        message = ""
    return {"error": type(error).__name__, "message": message}


if __name__ == "__main__":
    main()
