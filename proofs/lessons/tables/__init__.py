"""The tables of the lessons, computed by the reference: a module a milestone, a function a table.

A function returns rows of cells, the first row being the heading. A cell is text, or a number, which is shown with at
most six digits. A page shows a table between `<!-- table: NAME -->` and `<!-- end -->`.
"""

from __future__ import annotations

import importlib
import numbers
import pkgutil
import re
from collections.abc import Callable, Sequence
from types import ModuleType

Rows = Sequence[Sequence[object]]
BLOCK = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def tables() -> dict[str, Callable[[], Rows]]:
    """The functions of all modules here, by their names."""
    modules = [importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
    return {name: function for module in modules for name, function in public(module).items()}


def public(module: ModuleType) -> dict[str, Callable[[], Rows]]:
    """The functions that a module defines, but for helpers."""
    own = {name: value for name, value in vars(module).items() if getattr(value, "__module__", None) == module.__name__}
    return {name: value for name, value in own.items() if callable(value) and not name.startswith("_")}


def drawn(rows: Rows) -> str:
    """A table in Markdown."""
    heading, *body = [f"| {' | '.join(map(shown, row))} |\n".replace("|  |", "| |") for row in rows]
    return "".join([heading, f"|{'---|' * len(rows[0])}\n", *body])


def shown(cell: object) -> str:
    """A cell's text."""
    return f"{cell:.6g}" if isinstance(cell, numbers.Real) and not isinstance(cell, bool) else str(cell)


def in_step(text: str, known: dict[str, Callable[[], Rows]]) -> str:
    """A page with its tables as they should be; one that is not known stays as it is."""

    def renewed(found: re.Match) -> str:
        return found[1] + drawn(known[found[2]]()) + found[3] if found[2] in known else found[0]

    return BLOCK.sub(renewed, text)
