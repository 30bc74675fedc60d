"""Numbers that take too long to compute at every drawing: a JSON file next to the figure keeps them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

FOLDER = Path(__file__).parent


def kept(name: str) -> dict:
    """What NAME.json holds."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def measure(name: str, measured: Callable[[], dict]) -> None:
    """Measure again and write NAME.json, where the command line asks for it with --measure."""
    if sys.argv[1:] != ["--measure"]:
        command = f"PYTHONPATH=solutions python -m docs.figures.{name} --measure"
        sys.exit(f"`{command}`, with NumPy, writes {name}.json; `nox -s lessons -- --write` draws the figure")
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in measured().items()]
    (FOLDER / f"{name}.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def digits(value: float, count: int = 3) -> float:
    """A number to so many digits."""
    return float(f"{value:.{count - 1}e}")
