"""The verdict as Gradescope reads it: results.json of its autograders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from grader.text import printable

MOST_OUTPUT = 4_000  # characters a task


def gradescope_results(content: dict[str, Any], problem: str | None, notes: Sequence[str] = ()) -> dict[str, Any]:
    """A test for each task, from what our results.json says. All of it is plain text."""
    tests = [
        {
            "number": task["id"],
            "name": printable(f"{task['id']} {task['title']}"),
            "score": task["score"],
            "max_score": task["max_score"],
            "status": "passed" if task["score"] == task["max_score"] else "failed",
            "output": _output(task),
            "output_format": "text",
            "visibility": "visible",
        }
        for milestone in content["milestones"]
        for task in milestone["tasks"]
    ]
    output = "\n".join(map(printable, [*([problem] if problem else []), *notes]))
    return {"score": content["score"], "output": output, "output_format": "text", "tests": tests}


def _output(task: dict[str, Any]) -> str:
    """What a student reads about a task: its state, and the checks that fail, as far as they fit."""
    failing = [check for check in task["checks"] if not check["passed"]]
    lines = [f"{task['state']}: {len(task['checks']) - len(failing)} of {len(task['checks'])} checks pass"]
    lines += [f"almost certainly: {each['title']}" for each in task["mistakes"][:1] if each["confidence"] >= 0.9]
    lines += [f"{check['id'].rpartition('::')[2]}: {check['message']}" for check in failing]
    text = printable("\n".join(lines))
    return text if len(text) <= MOST_OUTPUT else f"{text[:MOST_OUTPUT]}\n..."
