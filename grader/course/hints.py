"""The hint ladder: each call shows one more, more telling hint for a task."""

from __future__ import annotations

import json
import re
from pathlib import Path

from grader.command import COMMAND
from grader.files import STATE, write_whole
from grader.task_id import TaskId

from .milestones import find_task, milestone_of, task_sections

PROGRESS = STATE / "hints.json"


def next_hint(task_id: str, progress: Path = PROGRESS) -> str:
    """The hints seen so far and the next one; after the last, all of them again."""
    milestone = milestone_of(task_id)
    title = milestone.extras.get(task_id) or find_task(task_id).title
    rungs = hints(milestone.folder / "hints.md")[TaskId(task_id)]
    seen = _read(progress)
    count = min(max(0, seen.get(task_id, 0)) + 1, len(rungs))
    write_whole(progress, json.dumps({**seen, task_id: count}))
    lines = [f"{task_id} {title}", *(f"  {number}. {hint}" for number, hint in enumerate(rungs[:count], 1))]
    more = f"the next: {COMMAND} -s hint -- {task_id}" if count < len(rungs) else "that was the last one"
    return "\n".join([*lines, f"  ({count} of {len(rungs)}; {more})"])


def hints(document: Path) -> dict[TaskId, list[str]]:
    """The numbered lines of every task in a hints.md."""
    return {
        task_id: [" ".join(hint.split()) for hint in re.split(r"^\d+\. ", section, flags=re.MULTILINE)[1:]]
        for task_id, section in task_sections(document).items()
    }


def _read(progress: Path) -> dict[str, int]:
    """How many hints of each task were seen; none where the file is missing or was damaged."""
    try:
        return {str(task): int(count) for task, count in json.loads(progress.read_text(encoding="utf-8")).items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}
