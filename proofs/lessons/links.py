"""Follows the links of the pages to files and headings, and the glossary's terms to where lessons use them."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from .pages import Page, read

LINK = re.compile(r"(?<!\\)\]\(([^)\s]+)(?: \"[^\"]*\")?\)")
ELSEWHERE = ("http://", "https://", "mailto:")


def dead_links(pages: Sequence[Page]) -> Iterator[tuple[str, str]]:
    """Where a link leads nowhere, and why."""
    for page in pages:
        for line, target in links(page):
            file, _, anchor = target.partition("#")
            path = (page.path.parent / file).resolve() if file else page.path
            if not path.exists():
                yield f"{page.name}:{line}", f"the link leads to {file}, which does not exist"
            elif anchor and path.suffix == ".md" and anchor not in anchors(path):
                yield f"{page.name}:{line}", f"{file or 'the page'} has no heading for #{anchor}"


def links(page: Page) -> Iterator[tuple[int, str]]:
    """The links of a page that stay in the repository, with their lines. One may be broken over two lines."""
    lines = [re.sub(r"`[^`]*`", "", line) for _, line in page.prose]
    starts, text = [], ""
    for line in lines:
        starts.append(len(text))
        text += f"{line}\n"
    for found in LINK.finditer(text):
        if not found[1].startswith(ELSEWHERE):
            place = sum(start <= found.start() for start in starts) - 1
            yield page.prose[place][0], found[1]


@functools.cache
def anchors(path: Path) -> set[str]:
    """What a link to a heading or an `<a id="...">` of this page may end with."""
    page = read(path)
    found: dict[str, int] = dict.fromkeys(re.findall(r'<a id="([^"]+)">', " ".join(line for _, line in page.prose)), 0)
    for heading in page.headings:
        words = re.sub(r"[^\w\- ]", "", re.sub(r"\]\([^)]*\)", "", heading).lower()).replace(" ", "-")
        found[words] = found.get(words, -1) + 1
        if found[words]:
            found[f"{words}-{found[words]}"] = 0
    return set(found)


def unused_terms(glossary: Page, lessons: Sequence[Page]) -> Iterator[tuple[str, str]]:
    """The terms that no lesson uses. A heading of the glossary is a term; `LSTM (long short-term memory)` is LSTM."""
    text = " ".join(" ".join(line for _, line in lesson.prose) for lesson in lessons)
    text = " ".join(re.sub(r"[*_`]|\[|\]\([^)]*\)", " ", text).lower().split())
    for heading in glossary.headings[1:]:
        term = re.sub(r" \(.*\)$", "", heading.strip("`")).lower()
        if not re.search(rf"(?<!\w){re.escape(term)}(?:s|es)?(?!\w)", text):
            yield glossary.name, f"no lesson uses the term {heading!r}"
