"""results.json: the verdicts as a program reads them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from grader.files import write_whole
from grader.verdict.judge import MilestoneVerdict, TaskVerdict

from .story import shown_path


def write_results(folder: Path, verdicts: Sequence[MilestoneVerdict], tree: Path) -> None:
    """Write results.json into a folder."""
    write_whole(folder / "results.json", json.dumps(results(verdicts, tree), indent=1) + "\n")


def results(verdicts: Sequence[MilestoneVerdict], tree: Path) -> dict:
    """The content of results.json, as docs/grader.md describes it."""
    return {
        "tree": shown_path(tree),
        "score": round(sum(verdict.score for verdict in verdicts), 2),
        "max_score": sum(verdict.max_score for verdict in verdicts),
        "milestones": [
            {
                "number": verdict.milestone.number,
                "title": verdict.milestone.title,
                "score": verdict.score,
                "max_score": verdict.max_score,
                "tasks": list(map(_task, verdict.tasks)),
            }
            for verdict in verdicts
        ],
    }


def _task(task: TaskVerdict) -> dict:
    suspicions = task.diagnosis.suspicions if task.diagnosis else ()
    return {
        "id": task.task.id,
        "title": task.task.title,
        "state": task.state,
        "score": task.score,
        "max_score": task.task.points,
        "checks": [
            {"id": verdict.check.id, "passed": verdict.passed, "message": verdict.message} for verdict in task.checks
        ],
        "mistakes": [
            {"id": each.mistake.id, "title": each.mistake.title, "confidence": each.confidence} for each in suspicions
        ],
    }
