"""Reads the lessons: what a task's section says to those who have just passed it."""

from __future__ import annotations

import re

from grader.task_id import TaskId

from .milestones import milestone_of

PASSED = "**When it passes.** "


def when_it_passes(task_id: TaskId) -> str | None:
    """The paragraph of a task's section that is for when its checks pass, without Markdown; None if there is none."""
    lesson = (milestone_of(task_id).folder / "README.md").read_text(encoding="utf-8")
    _, found, section = lesson.partition(f"\n## {task_id} ")
    _, passed, rest = section.partition("\n## ")[0].partition(f"\n{PASSED}")
    if not (found and passed):
        return None
    text = " ".join(rest.partition("\n\n")[0].split())
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    return re.sub(r"\*(\S(?:[^*]*\S)?)\*|`([^`]+)`", r"\1\2", text)
