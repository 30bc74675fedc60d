"""report.html: a story as a page. It needs no script, asks for nothing, and whatever a text holds comes out as text."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from grader.files import REPOSITORY, SITE
from grader.verdict.judge import BLOCKED, DONE, IN_PROGRESS

from .markup import Html, element, joined, page
from .pictures import picture
from .story import Story

CSS = {DONE: "done", IN_PROGRESS: "progress", BLOCKED: "blocked"}
CODE = {"in", "turn", "got", "expected", "upstream", "printed", "smallest", "changed", "debug"}  # by their labels
Plain = Mapping[str, Any]  # a story, or a part of it, as dataclasses.asdict() gives it


def report_page(story: Story, folder: Path) -> str:
    """The page of a run. folder: where it is, from which its links lead into the clone."""
    told = dataclasses.asdict(story)
    titles = [table["title"] for table in told["tables"]]
    title = titles[0] if len(titles) == 1 else "All milestones"
    header = element(
        "header",
        element("h1", title),
        element("p", element("b", told["total"]), " · ", f"{told['tree']}/", class_="quiet"),
    )
    return page(f"{told['total']}: {title}", header, element("main", *sections(told, folder)))


def sections(story: Plain, folder: Path | None) -> Iterator[Html]:
    """A story, what to do next first. folder: where the page is; None where no clone of the course is near."""
    draw = Drawing(folder)
    if story["next"] is not None:
        yield element("section", element("h2", "Next"), draw.note(story["next"]), class_="next")
    if story["since"]:
        yield element("section", element("h2", "Since the last run"), draw.lines(story["since"]))
    if story["from_reference"]:
        yield element("p", f"From the reference, not from {story['tree']}/: {story['from_reference']}", class_="quiet")
    files = [draw.fold(block, True) for block in story["blocks"] if not block["task"]]
    if files:
        yield element("section", element("h2", "Can't be used"), *files, class_="files")
    blocks = {block["task"]: block for block in story["blocks"]}
    first = next((block["task"] for block in story["blocks"] if not block["waits"]), None)
    for table in story["tables"]:
        rows = [draw.row(row, blocks.get(row["id"]), row["id"] == first) for row in table["rows"]]
        total = element("span", table["total"], class_="number")
        yield element("section", element("h2", table["title"], " ", total), *rows, class_="tasks")
    pictures = [draw.learnt(learnt) for learnt in story["learnt"]]
    yield from pictures
    if story["notes"]:
        yield element("section", element("h2", "Notes"), draw.lines(story["notes"]))


def css(state: str) -> str:
    """The class of what is in a task's state."""
    return CSS.get(state, "none")


class Drawing:
    """Draws the parts of a story for a page in a folder."""

    def __init__(self, folder: Path | None):
        self.folder, self.pictures = folder, 0

    def row(self, row: Plain, block: Plain | None, is_open: bool) -> Html:
        """A task: how it stands in a line, and in its fold what is known of it."""
        state = f"{row['state']} by {row['blocked_by']}" if row["blocked_by"] else row["state"]
        cells = [
            element("span", row["id"], class_="id"),
            element("span", row["title"], class_="title"),
            element("span", state, class_=f"state {css(row['state'])}"),
            element("span", row["checks"], class_="checks"),
            element("span", row["points"], class_="number"),
        ]
        summary = element("summary", joined(cells, " "))
        says = [element("p", _sentence(row["says"]))] if row["says"] else []
        inside = [*says, element("p", self.words(row["lesson"]))] if block is None else [self.block(block)]
        return _details(summary, inside, is_open, id=f"task-{row['id']}")

    def fold(self, block: Plain, is_open: bool) -> Html:
        """A file that can't be used."""
        summary = element("summary", element("span", block["title"], class_="title"))
        return _details(summary, [self.block(block)], is_open)

    def block(self, block: Plain) -> Html:
        """What is known of a failing task."""
        parts = [element("p", block["where"], class_="quiet small"), element("p", block["claim"])]
        parts += [self.lines(block["head"])] if block["head"] else []
        parts += [_source(block["source"])] if block["source"] else []
        parts += [self.lines(block["lines"])] if block["lines"] else []
        return joined(parts)

    def lines(self, lines: Sequence[Plain]) -> Html:
        """Labels, and what they introduce; a line without a label goes on with what is before it."""
        parts: list[Html] = []
        for line in lines:
            label = line["label"].strip()
            if label or not parts:
                parts.append(element("dt", label, class_="urgent" if line["urgent"] else None))
            mono = "mono" if label in CODE else None
            parts.append(element("dd", *map(self.words, line["words"]), class_=mono))
        return element("dl", *parts, class_="lines")

    def note(self, line: Plain) -> Html:
        """A line as a paragraph."""
        return element("p", element("b", line["label"].strip()), " ", *map(self.words, line["words"]))

    def words(self, words: Plain) -> Html:
        """A piece of text, which may lead somewhere."""
        if words["link"] and self.folder is not None:
            return element("a", words["text"], href=address(words["link"], self.folder))
        return element("span", words["text"], class_=words["tone"])

    def learnt(self, learnt: Plain) -> Html:
        """What the networks of a task have learnt."""
        figures = []
        for shown in learnt["shown"]:
            self.pictures += 1
            figures.append(picture(shown, self.pictures, learnt["failing"]))
        title = element("h2", f"What was learnt in {learnt['title']}")
        return element("section", title, element("div", *figures, class_="pictures"))


def address(link: str, folder: Path) -> str:
    """A link from a page in a folder to a file; to a page of the course as it was built, where the site is there."""
    if link.startswith("./"):
        return quote(link)
    name, hash_sign, anchor = link.partition("#")
    built = SITE / Path(name).with_suffix(".html")  # a browser shows Markdown as it is typed
    path = built if name.endswith(".md") and built.is_file() else REPOSITORY / name
    try:
        relative = quote(Path(os.path.relpath(path, folder.resolve())).as_posix())
    except ValueError:  # on another drive
        relative = path.as_uri()
    return relative + hash_sign + anchor


def _details(summary: Html, inside: Sequence[Html], is_open: bool, **attributes: object) -> Html:
    return element(
        "details", summary, element("div", *inside, class_="inside"), open="" if is_open else None, **attributes
    )


def _source(lines: Sequence[Plain]) -> Html:
    """A check's lines; where it went wrong there is a sign before the number."""
    rows = []
    for line in lines:
        number = f"{'>' if line['marked'] else ' '} {line['number']:4}  "
        rows.append(element("span", number + line["text"], class_="marked" if line["marked"] else None))
    return element("pre", joined(rows))


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
