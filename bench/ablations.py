"""What each optimisation of the reference buys: the reference with one of them undone, measured next to it."""

from __future__ import annotations

import multiprocessing
import random
import re
import shutil
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from grader.source.graft import with_passage
from grader.source.syntax import definitions
from grader.source.transplant import transplanted

from . import floor, trees
from .measure import FLOOR, System, measure
from .trees import SOLUTIONS
from .workloads import WORKLOADS, Workload

PROCESSES = 5
COPIES = 3  # of the reference, in each process: it stands against every ablation

Change = tuple[str, Callable[[str], str]]  # a file of the package, and how its text changes


@dataclass(frozen=True)
class Ablation:
    """An optimisation, the workloads on which it matters, and the changes that undo it, in its own file first.

    unused: what nothing uses any more once it is undone, as (file, name): it counts among the lines. apart: each of
    the two trees in a process of its own, as what one does to its process would also serve the other.
    """

    title: str
    workloads: str
    changes: tuple[Change, ...] = ()
    unused: tuple[tuple[str, str], ...] = ()
    apart: bool = False

    def texts(self) -> dict[str, str]:
        """The files of the package that change, as they are afterwards."""
        texts = {}
        for file, change in self.changes:
            texts[file] = change(texts.get(file) or read(file))
        return texts

    @property
    def file(self) -> str:
        """Where the optimisation stands, or first stands."""
        return self.changes[0][0] if self.changes else ""

    def lines(self) -> int:
        """How many lines, blank ones left out, the reference has because of it."""
        own = sum(count(read(file)) - count(text) for file, text in self.texts().items())
        return own + sum(count(definitions(read(file))[name].text) for file, name in self.unused)


@dataclass(frozen=True)
class Bought:
    """An ablation on one workload: times of a step as multiples of the floor's, a number a round."""

    ablation: Ablation
    workload: str
    without: np.ndarray
    with_it: np.ndarray


def read(file: str) -> str:
    """A text of the reference."""
    return (SOLUTIONS / "neural_framework" / file).read_text(encoding="utf-8")


def count(text: str) -> int:
    """Its lines that are not blank."""
    return sum(bool(line.strip()) for line in text.splitlines())


def passage(file: str, function: str, old: str, new: str) -> tuple[Change, ...]:
    """`new` in the place of `old`, which occurs once in the function."""
    return ((file, lambda source: with_passage(source, function, old, new)),)


def bodies(file: str, text: str) -> tuple[Change, ...]:
    """The functions that `text` defines in the place of those of the same name."""
    return ((file, lambda source: transplanted(source, text)),)


def everywhere(pattern: str, new: str, *files: str) -> tuple[Change, ...]:
    """`new` in the place of a regular expression, wherever it is found; . is any character, also the end of a line."""
    return tuple((file, lambda source: re.sub(pattern, new, source, flags=re.DOTALL)) for file in files)


ADAM_AS_IN_ITS_DOCSTRING = """
        mean = state["mean"] = beta1 * mean + (1 - beta1) * grad
        square = state["square"] = beta2 * square + (1 - beta2) * grad**2
        mean = mean / (1 - beta1 ** state["step"])
        square = square / (1 - beta2 ** state["step"])
        parameter.data -= group["lr"] * mean / (np.sqrt(square) + group["eps"])
"""
SIGMOID = """
class Sigmoid:
    def forward(self, x):
        exp = np.exp(-np.abs(x))
        self.y = np.where(x >= 0, 1, exp) / (1 + exp)
        return self.y
"""
SPREAD = """
def spread(grad, shape, axis):
    grad = grad if axis is None else grad.reshape(kept_shape(shape, axis))
    return np.broadcast_to(grad, shape)
"""
APPLY = """    try:
        arrays = [tensor.data for tensor in inputs]
        requires_grad = any(tensor.requires_grad for tensor in inputs)
"""

ENGINE, ARITHMETIC, ELEMENTWISE = "autodiff/engine.py", "operations/arithmetic.py", "operations/elementwise.py"
PIECEWISE, MATMUL, SOFTMAX = "operations/piecewise.py", "operations/matmul.py", "operations/softmax.py"
REDUCTIONS, SHAPES, BROADCASTING = "operations/reductions.py", "operations/shapes.py", "operations/broadcasting.py"
ACCUMULATION = "operations/accumulation.py"
MEMORY, ADAM, LOSSES = "operations/memory.py", "optim/adam.py", "training/loss_operations.py"
AFTER_THE_SETTINGS = r'(?<=group\["betas"\]\n).*?        parameter\.data -= work\n'

ABLATIONS = [
    Ablation("nothing: two equal trees", "W1 W2 W3 W4 W5 W6"),
    Ablation(
        "x @ weight.T + bias in one operation",
        "W1 W2 W3 W4",
        everywhere(
            r"affine\((\w+), ([\w.]+), ([\w.]+)\)", r"\1 @ \2.T + \3", "modules/linear.py", "modules/recurrent.py"
        ),
        unused=((MATMUL, "Affine"), ("tensor/functions.py", "affine")),
    ),
    Ablation(
        "cross-entropy in one operation",
        "W2 W4",
        passage(
            "training/losses.py",
            "cross_entropy",
            "apply(CrossEntropy(targets.data), logits)",
            "-logits.log_softmax(axis=1)[np.arange(len(logits)), targets.data]",
        ),
        unused=((LOSSES, "CrossEntropy"),),
    ),
    Ablation(
        "small parameters as one vector",
        "W1 W2 W3 W4",
        passage("optim/optimizer.py", "Optimizer._bundle", "if not self.elementwise:", "if True:"),
        unused=(("optim/bundles.py", "Bundle"), ("optim/bundles.py", "can_bundle")),
    ),
    Ablation(
        "Adam in place",
        "W1 W2 W3",
        everywhere(AFTER_THE_SETTINGS, ADAM_AS_IN_ITS_DOCSTRING[1:], ADAM),
    ),
    Ablation(
        "no gradient that is not needed",
        "W1 W2 W3 W5",
        everywhere(r" if self\.needs_grad\(.\) else None", "", ARITHMETIC, MATMUL, PIECEWISE, LOSSES)
        + everywhere(r"if self\.needs_grad\(.\):", "if True:", ARITHMETIC, MATMUL),
    ),
    Ablation(
        "ReLU against an array of zeros",
        "W2 W3 W6",
        passage(PIECEWISE, "ReLU.forward", "np.maximum(x, zeros, out=zeros)", "np.maximum(x, 0)"),
    ),
    Ablation(
        "ReLU's slope without np.where",
        "W2 W3 W6",
        passage(PIECEWISE, "ReLU.backward", "zero_where(self.x <= 0, grad)", "np.where(self.x > 0, grad, 0)"),
    ),
    Ablation(
        "how to add is found once for each shape",
        "W1 W2 W6",
        everywhere(r"@lru_cache[^\n]*\n", "", ACCUMULATION),
    ),
    Ablation(
        "sums as products with ones",
        "W6",
        everywhere(r"    if in_order and [^\n]* last[^\n]*\n        return sum_of[^\n]*\n", "", ACCUMULATION),
        unused=((ACCUMULATION, "sum_of_all"), (ACCUMULATION, "sum_of_columns")),
    ),
    Ablation(
        "equal shapes first: unbroadcast",
        "W1 W2 W5 W6",
        everywhere(r"    if grad\.shape == shape:\n        return grad\n", "", BROADCASTING),
    ),
    Ablation(
        "equal shapes first: broadcast",
        "W1 W2 W5",
        everywhere(r"    if shape1 == shape2:[^\n]*\n        return shape1\n", "", BROADCASTING),
    ),
    Ablation(
        "freed memory stays",
        "W6",
        passage(MEMORY, "keep_freed_memory", "np.empty(2**25 - 2**16, dtype=np.uint8)", "None"),
        unused=((MEMORY, "keep_freed_memory"),),
        apart=True,
    ),
    Ablation("Sigmoid without np.where", "W1 W4", bodies(ELEMENTWISE, SIGMOID)),
    Ablation(
        "slices' gradients without add.at",
        "W4",
        everywhere(r"if picks_once\(self\.key\):\n            dx\[self\.key\] = grad\n        elif", "if", SHAPES),
        unused=((SHAPES, "picks_once"),),
    ),
    Ablation(
        "add.at by flat positions",
        "W4",
        everywhere(r"        elif isinstance\(self\.key.*?(?=        else:)", "", SHAPES),
    ),
    Ablation("spread by filling", "W1 W2", bodies(REDUCTIONS, SPREAD)),
    Ablation(
        "apply in one loop",
        "W1 W2 W5",
        everywhere(r"    arrays, requires_grad = \[\], False\n.*?(?=    except)", APPLY, "tensor/recording.py"),
    ),
    Ablation(
        "what fits is not converted",
        "W1 W5",
        everywhere(r"if type\(part\) is not[^\n]*\n +(?=part = fitting)", "", ENGINE),
    ),
    Ablation(
        "zip without strict",
        "W1 W5",
        passage(ENGINE, "propagate", "zip(operation.inputs, parts)", "zip(operation.inputs, parts, strict=True)"),
    ),
    Ablation(
        "silence once in backward",
        "W1 W4 W5",
        everywhere(r"@silent[^\n]*\n", "", ENGINE)
        + everywhere(
            r"    def backward\(",
            "    @silent\n    def backward(",
            *(ARITHMETIC, ELEMENTWISE, PIECEWISE, MATMUL, REDUCTIONS, SHAPES, SOFTMAX),
        )
        + everywhere(r"(\nfrom \.base import Operation[^\n]*)\n", r"\1, silent\n", PIECEWISE, MATMUL, SHAPES),
    ),
]


def measure_ablations(
    kinds: set[str], rounds: int, announce: Callable[[str], None], ablations: Sequence[Ablation]
) -> list[Bought]:
    """Each ablation on its workloads, as far as they are among `kinds`, next to the reference and the floor."""
    bought = []
    with tempfile.TemporaryDirectory() as scratch:
        folders = {one: make_tree(one, Path(scratch, str(number))) for number, one in enumerate(ablations)}
        for workload in WORKLOADS:
            chosen = [one for one in ablations if workload.kind in kinds and workload.name in one.workloads.split()]
            together = [folders[one] for one in chosen if not one.apart]
            if together:
                announce(f"{workload.name} without each of {len(chosen)} optimisations")
                ratios = in_new_processes([*[SOLUTIONS] * COPIES, *together], workload, rounds)
            for one in chosen:
                both = [folders[one], SOLUTIONS]
                if one.apart:
                    pair = [in_new_processes([folder], workload, rounds)[folder] for folder in both]
                else:
                    pair = [ratios[folder] for folder in both]
                bought.append(Bought(one, workload.name, *pair))
    return sorted(bought, key=lambda one: ablations.index(one.ablation))


def make_tree(ablation: Ablation, folder: Path) -> Path:
    """A copy of the reference with the ablation's changes."""
    shutil.copytree(SOLUTIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file, text in ablation.texts().items():
        (folder / "neural_framework" / file).write_text(text, encoding="utf-8")
    return folder


def in_new_processes(folders: list[Path], workload: Workload, rounds: int) -> dict[Path, np.ndarray]:
    """`measure_trees` in one process after the other: where things happen to lie in memory makes up to 4 %."""
    found = []
    for number in range(min(PROCESSES, rounds)):
        shuffled = random.Random(number).sample(folders, len(folders))
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:
            found.append(process.submit(measure_trees, shuffled, workload, max(1, rounds // PROCESSES)).result())
    return {folder: np.concatenate([ratios[folder] for ratios in found]) for folder in folders}


def measure_trees(folders: list[Path], workload: Workload, rounds: int) -> dict[Path, np.ndarray]:
    """Times of trees as multiples of the floor's, a number a round: the median over a tree's copies.

    ValueError for a tree that computes something else.
    """
    systems = [
        System(f"{folder} {number}", trees.tree_steps(trees.load_tree(folder))) for number, folder in enumerate(folders)
    ]
    row = measure(workload, [System(FLOOR, floor.STEPS), *systems], rounds)
    if row.failures:
        raise ValueError(f"{workload.name}: {row.failures}")
    ratios = {folder: [] for folder in folders}
    for folder, system in zip(folders, systems, strict=True):
        ratios[folder].append(row.ratios(system.name))
    return {folder: np.median(found, axis=0) for folder, found in ratios.items()}
