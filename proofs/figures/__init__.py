"""The figures of the proofs: each proof writes its own after a whole run, and docs/proofs.md shows them all.

A place on the page stays empty until its proof has written figures.
"""

from __future__ import annotations

import re
from pathlib import Path

from grader.files import DOCS, write_whole

FOLDER = Path(__file__).parent
PAGE = DOCS / "proofs.md"
BLOCK = re.compile(r"(<!-- figures: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def record(proof: str, lines: list[str]) -> None:
    """Keep what a proof found, and bring the page in step."""
    write_whole(FOLDER / f"{proof}.txt", "\n".join([*lines, ""]))
    write_whole(PAGE, page_in_step())


def page_in_step() -> str:
    """The page with the figures as they are kept."""
    return BLOCK.sub(lambda match: match[1] + _shown(match[2]) + match[3], PAGE.read_text(encoding="utf-8"))


def _shown(proof: str) -> str:
    path = FOLDER / f"{proof}.txt"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return "".join(f"- {line}\n" for line in lines)
