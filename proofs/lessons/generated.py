"""What the course draws by itself in its pages: tables, and figures, which are SVG."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.etree import ElementTree

from grader.files import DOCS, REPOSITORY

from .pages import Page
from .tables import BLOCK, in_step, tables

FIGURES = DOCS / "figures"
LARGEST = 40_000  # bytes of a figure
SVG = "{http://www.w3.org/2000/svg}"
OUTSIDE = re.compile(r"""(?:href|src)\s*=|url\(\s*["']?(?!#)|@import|<script|<image|<foreignObject""", re.IGNORECASE)
WRITE = "nox -s lessons -- --write"


def tables_of(pages: Sequence[Page]) -> dict[Path, str]:
    """The pages with tables, as they should be."""
    known = tables()
    return {page.path: in_step(page.text, known) for page in pages if BLOCK.search(page.text)}


def drawings() -> dict[Path, str]:
    """The figures, as they should be; a module without `draw` is a tool of others."""
    modules = {path: importlib.import_module(f"docs.figures.{path.stem}") for path in sorted(FIGURES.glob("*.py"))}
    return {path.with_suffix(".svg"): each.draw() for path, each in modules.items() if hasattr(each, "draw")}


def stale(texts: dict[Path, str]) -> Iterator[tuple[str, str]]:
    """The pages and figures that differ from what they should be."""
    for path, text in texts.items():
        kept = path.read_bytes().decode() if path.exists() else ""
        if kept == text:
            continue
        pairs = zip([*text.splitlines(), ""], [*kept.splitlines(), ""], strict=False)
        line = next((number for number, (new, old) in enumerate(pairs, start=1) if new != old), 1)
        yield f"{path.relative_to(REPOSITORY).as_posix()}:{line}", f"is not what the course draws: {WRITE}"


def unknown_tables(pages: Sequence[Page]) -> Iterator[tuple[str, str]]:
    """Markers that name no table, or that have no end."""
    known = tables()
    for page in pages:
        whole = {found.start(): found[2] for found in BLOCK.finditer(page.text)}
        for found in re.finditer(r"<!-- table: ([^>]*?) -->", page.text):
            line = page.text.count("\n", 0, found.start()) + 1
            if found.start() not in whole:
                yield f"{page.name}:{line}", "the table has no `<!-- end -->`"
            elif found[1] not in known:
                yield f"{page.name}:{line}", f"no function of proofs/lessons/tables/ is called {found[1]}"


def poor_figures(files: Sequence[Path]) -> Iterator[tuple[str, str]]:
    """What a figure lacks: it is small, says what it shows, keeps its text as text, and needs nothing from outside."""
    for path in files:
        name, text = path.name, path.read_text(encoding="utf-8")
        root = ElementTree.fromstring(text)
        if len(text.encode()) > LARGEST:
            yield name, f"has {len(text.encode()):,} bytes, and at most {LARGEST:,} are allowed"
        for tag in ("title", "desc"):
            found = root.find(f"{SVG}{tag}")
            if found is None or not (found.text or "").strip():
                yield name, f"has no <{tag}>, which a screen reader reads"
        if root.find(f".//{SVG}text") is None:
            yield name, "has no <text>: text stays text"
        if OUTSIDE.search(text):
            yield name, f"refers to something outside, or runs something: {OUTSIDE.search(text)[0]}"
        if not (path.parent / f"{path.stem}.py").exists():
            yield name, f"no {path.stem}.py draws it"
