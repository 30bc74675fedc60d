"""Finds scripts that Python takes for its own modules, such as random.py: it looks next to a script first."""

from __future__ import annotations

import sys
from pathlib import Path

PACKAGES = {"numpy", "pytest", "neural_framework", "datasets"}


def hiding(folder: Path) -> str | None:
    """What to do about the scripts in a folder that hide modules; None where there are none."""
    names = sorted(path.name for path in folder.glob("*.py") if path.stem in PACKAGES | sys.stdlib_module_names)
    if not names:
        return None
    return f"{', '.join(map(ascii, names))} in {str(folder.resolve())!a}: Python takes it for its module: rename it"
