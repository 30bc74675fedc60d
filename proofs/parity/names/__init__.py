"""The names that pages promise: a module for docs/contract.md, and one for the section of each elective.

PAGE is the page in docs/ and, of an elective, SECTION the heading of its section, and COMPARED_IN the modules with
tables of rows. OWNERS: what has the names. NAMES: by their owners. NO_COUNTERPART: why names cannot be compared with
PyTorch. OTHER_WORDS: what else the page writes as code.
"""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType


def pages() -> list[ModuleType]:
    """The modules here."""
    return [importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
