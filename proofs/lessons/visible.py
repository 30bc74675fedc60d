"""The measure of the examples: which catalogued mistakes change a value that the lesson of their task shows."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence

from grader.course.mistakes import Mistake

from .fences import run
from .pages import Page, Section
from .trees import Lost, package, run_each

SEED = 1
SECONDS = 5  # a mistake that makes the examples run longer than this is seen


def visible(mistakes: Sequence[Mistake], pages: Sequence[Page]) -> dict[str, bool]:
    """Whether each mistake is seen, by their ids."""
    sections = {section.task: section for page in pages for section in page.sections if section.fences}
    jobs: Mapping[str, Callable[[], bool]] = {
        mistake.id: functools.partial(is_seen, mistake, sections[mistake.task])
        for mistake in mistakes
        if mistake.task in sections
    }
    answers = run_each(jobs, seconds=SECONDS)
    return {each.id: isinstance(answers.get(each.id), Lost) or bool(answers.get(each.id)) for each in mistakes}


def is_seen(mistake: Mistake, section: Section) -> bool:
    """Whether a line of the section's fences raises or shows something else, in this process, which it spoils."""
    try:
        changed = package(mistake.changes())
    except Exception:  # it can't even be imported
        return True
    return bool(run(section, changed, SEED, stop=True).faults)
