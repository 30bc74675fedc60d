"""The pages with lessons, read as text: sections, fences of Python, headings and marked blocks."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.files import DOCS, MILESTONES, REPOSITORY
from grader.task_id import PATTERN, TaskId

GLOSSARY = DOCS / "glossary.md"
FENCE = re.compile(r"( *)(```+|~~~+)(\w*)")


@dataclass(frozen=True)
class Fence:
    """A block of Python; `line` is the page's line that holds its first."""

    line: int
    text: str


@dataclass(frozen=True)
class Section:
    """What stands under one `##` heading (before the first one: under the title), and is run in one namespace."""

    page: Page
    title: str
    fences: tuple[Fence, ...]

    @property
    def task(self) -> TaskId | None:
        """The task that the section teaches."""
        found = re.match(rf"{PATTERN}\b", self.title)
        return TaskId(found[0]) if found else None


@dataclass(frozen=True)
class Page:
    """A page in Markdown."""

    path: Path
    text: str

    @property
    def name(self) -> str:
        """Its path within the repository."""
        return self.path.relative_to(REPOSITORY).as_posix() if self.path.is_relative_to(REPOSITORY) else self.path.name

    @functools.cached_property
    def prose(self) -> list[tuple[int, str]]:
        """The lines outside of fences, with their numbers."""
        return [(number, line) for number, line, fence in self._walked() if fence is None]

    @property
    def headings(self) -> list[str]:
        """The texts of all headings, in order."""
        return [line.lstrip("#").strip() for _, line in self.prose if re.match("#{1,6} ", line)]

    @property
    def sections(self) -> list[Section]:
        """The sections, in order."""
        titles, fences = [self.path.stem], [{}]
        for number, line, language in self._walked():
            if language is None and (heading := re.match("##? (.*)", line)):
                titles.append(heading[1].strip())
                fences.append({})
            elif language == "python":
                begun = next((start for start, text in fences[-1].items() if start + len(text) == number), number)
                fences[-1].setdefault(begun, []).append(line)
        made = [tuple(Fence(start, "\n".join([*text, ""])) for start, text in of.items()) for of in fences]
        return [Section(self, title, own) for title, own in zip(titles, made, strict=True)]

    def _walked(self) -> Iterator[tuple[int, str, str | None]]:
        """Each line with its number and the language of the fence that it is in; the fences' own lines are left out."""
        opened, indent, language = None, 0, None
        for number, line in enumerate(self.text.splitlines(), start=1):
            mark = FENCE.match(line)
            if opened is None and mark:
                indent, opened, language = len(mark[1]), mark[2], mark[3]
            elif opened is not None and line.strip() == opened:
                opened = language = None
            else:
                yield number, line[indent:] if opened else line, language


def read(path: Path) -> Page:
    """A page."""
    return Page(path, path.read_text(encoding="utf-8"))


def lessons() -> list[Page]:
    """The lessons, in order."""
    return [read(path) for path in sorted(MILESTONES.glob("*/README.md"))]


def fenced() -> list[Page]:
    """The pages whose fences are run."""
    return [*lessons(), read(GLOSSARY), read(REPOSITORY / "README.md")]


def linked() -> list[Page]:
    """The pages whose links are followed."""
    others = [*REPOSITORY.glob("*.md"), *DOCS.glob("*.md"), *REPOSITORY.glob("[!.]*/README.md")]
    return [*lessons(), *map(read, sorted(others))]
