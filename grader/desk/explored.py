"""Explorer pages of failures: each steps through backward() of the smallest case, or of a small graph, on the tree.

The tree's code runs in a child process, as `nox -s explore` runs it.
"""

from __future__ import annotations

import ast
import contextlib
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from grader.explain.explanation import Explanation, Fault, SmallestCase
from grader.files import temporary_folder, write_text, write_whole
from grader.report.why import shortened
from grader.report.words import QUIET, Line, Words, plain_line
from grader.run.launch import end, tree_environment
from grader.source.package import PACKAGE
from grader.task_id import TaskId
from grader.text import one_line

SECONDS = 20.0  # a page takes half of one
MOST = 2_000_000  # characters of a page; the explorer's has a tenth of it
BEGINNING = f"""import numpy as np
import {PACKAGE} as nf

"""
WEIGHTED = '''
class WeightedSum(nf.Operation):
    """loss = sum(w * z): the upstream gradient of each number in z is a weight of its own.   dloss/dz = w"""

    def __init__(self, w):
        self.w = w

    def forward(self, z):
        return np.sum(self.w * z)

    def backward(self, grad):
        return grad * self.w

'''
# Small graphs for functions whose cases do not call backward(). What they use is given code.
ORDER = "x = nf.Tensor(0.5, requires_grad=True)\na = x.exp()\nloss = a + a.exp() + a\n"
STRETCHED = """x = nf.Tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True)
y = nf.Tensor([10.0, 20.0, 30.0], requires_grad=True)
loss = (x + y).sum()
"""
GRAPHS = {
    "autodiff/engine.py:topological_sort": ORDER,
    "autodiff/engine.py:propagate": ORDER,
    "autodiff/engine.py:add_to_grads": ORDER,
    "operations/broadcasting.py:unbroadcast_gradient": STRETCHED,
}


def explored(explanations: Mapping[TaskId, Explanation], tree: Path, folder: Path) -> dict[TaskId, Line]:
    """Write a page for each task with a fault that the explorer can show; what the report says of it.

    tree: the folder that contains the package. folder: of the pages, which go by their tasks.
    """
    found = {}
    for task_id, explanation in explanations.items():
        script = next(filter(None, map(script_of, explanation.faults)), None)
        if script is not None:
            try:
                problem = _page(script, task_id, tree, folder / name_of(task_id))
            except OSError as error:  # the report does not depend on it
                problem = one_line(str(error))
            link = Words("step through backward() of such a case", link=f"./{name_of(task_id)}")
            told = Line("explore", (link, Words(", next to measured slopes", QUIET)))
            found[task_id] = told if problem is None else plain_line("explore", f"no page: {problem}", QUIET)
    return found


def name_of(task_id: TaskId) -> str:
    """The name of a task's page."""
    return f"explorer-{task_id}.html"


def remove_pages(task_ids: Iterable[TaskId], folder: Path) -> None:
    """Remove the pages of an earlier run."""
    for task_id in task_ids:
        (folder / name_of(task_id)).unlink(missing_ok=True)


def script_of(fault: Fault) -> str | None:
    """The script for a fault's page; None where the explorer would show nothing of it."""
    function = fault.unit.function
    if function not in GRAPHS and not (function.startswith("operations/") and function.endswith(".backward")):
        return None
    lines = _from_case(fault.smallest) if fault.smallest is not None else None
    lines = GRAPHS.get(function) if lines is None else lines
    return None if lines is None else f"{BEGINNING}{lines}loss.backward()\n"


def _from_case(case: SmallestCase) -> str | None:
    """The lines of a case that ends with a backward(), up to its loss; None of another."""
    *before, last = ast.parse("\n".join(case.code)).body
    called = before.pop() if before and not _calls_backward(last) else last
    if not _calls_backward(called):
        return None
    lines = "".join(f"{ast.unparse(statement)}\n" for statement in before)
    result = ast.unparse(called.value.func.value)
    if not called.value.args:
        return f"{lines}loss = {result}\n"
    return f"{WEIGHTED}\n{lines}z = {result}\nloss = nf.apply(WeightedSum({ast.unparse(called.value.args[0])}), z)\n"


def _calls_backward(statement: ast.stmt) -> bool:
    called = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(called, ast.Call) and isinstance(called.func, ast.Attribute) and called.func.attr == "backward"


def _page(script: str, task_id: TaskId, tree: Path, path: Path) -> str | None:
    """Write the page of a script; why there is none."""
    with temporary_folder() as folder:
        file, page, errors = folder / f"case_of_{task_id}.py", folder / "page.html", folder / "errors"
        write_text(file, script)
        with errors.open("wb") as told:
            process = subprocess.Popen(
                [sys.executable, "-m", f"{PACKAGE}.explorer", str(file), "--out", str(page)],
                env=tree_environment(tree),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=told,
                start_new_session=True,
            )
            try:
                problem = _waited(process, errors)
            finally:
                end(process)
        if problem is not None:
            return problem
        with contextlib.suppress(OSError), page.open(encoding="utf-8", errors="replace") as made:
            text = made.read(MOST + 1)
            if process.returncode == 0 and len(text) <= MOST:
                write_whole(path, text)
                return None
        with errors.open("rb") as told:
            last = told.read(MOST).decode(errors="replace").strip().rpartition("\n")[2]
        return shortened(last) if last else f"the explorer ended with code {process.returncode}"


def _waited(process: subprocess.Popen, errors: Path) -> str | None:
    """Wait for a process; why it has to be ended, if it did not end by itself."""
    ends = time.monotonic() + SECONDS
    while time.monotonic() < ends:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
            return None
        if errors.stat().st_size > MOST:
            return "it printed without end"
    return f"it took longer than {SECONDS:.0f} seconds"
