"""The table of the corpus, as docs/threats.md shows it."""

from __future__ import annotations

from grader.files import REPOSITORY

from .corpus import CORPUS
from .uploads import UPLOADS

BEGIN, END = "<!-- corpus: written by `nox -s hostile -- --table` -->", "<!-- end -->"


def write() -> None:
    """Write it into the page."""
    path = REPOSITORY / "docs" / "threats.md"
    before, _, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    path.write_text(f"{before}{BEGIN}\n\n{text()}\n\n{END}{rest.partition(END)[2]}", encoding="utf-8")


def text() -> str:
    """The tables of all themes."""
    parts = []
    for theme, some in CORPUS.items():
        rows = [(one.tries, one.gets, ", ".join(one.marks) or "-") for one in some.values()]
        parts.append(_table(f"### {theme}", ("what it tries", "what it gets", "a mark of"), rows))
    rows = [(one.tries, one.gets) for one in UPLOADS.values()]
    parts.append(_table("### What is handed in", ("what it tries", "what becomes of it"), rows))
    return "\n\n".join(parts)


def _table(title: str, heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [" | ".join(heads), " | ".join("---" for _ in heads), *(" | ".join(row) for row in rows)]
    return "\n".join([title, "", *(f"| {line} |" for line in lines)])
