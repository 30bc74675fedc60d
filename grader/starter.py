"""The starter's generator: solutions/ with the body of every exercise replaced by a stub that names its task."""

from __future__ import annotations

import re

STUB = re.compile(r"((?:\d+|extra)\.\d+): \S+ is not written yet")


def stub_id(error: BaseException) -> str | None:
    """The task whose stub raised this error, or None where it is no stub's."""
    match = STUB.fullmatch(str(error)) if isinstance(error, NotImplementedError) else None
    return match and match[1]
