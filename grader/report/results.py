"""results.json: the verdicts as a program reads them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from grader.course.milestones import in_total
from grader.explain.explanation import Explanation, Fault
from grader.files import shown_path, write_whole
from grader.task_id import TaskId
from grader.verdict.judge import MilestoneVerdict, TaskVerdict


def write_results(
    folder: Path,
    verdicts: Sequence[MilestoneVerdict],
    tree: Path,
    explanations: Mapping[TaskId, Explanation] = MappingProxyType({}),
) -> None:
    """Write results.json into a folder."""
    write_whole(folder / "results.json", json.dumps(results(verdicts, tree, explanations), indent=1) + "\n")


def read_passed(folder: Path, tree: Path) -> dict[str, bool]:
    """Which checks passed in the last run of a tree; nothing where no results.json tells it, or a damaged one."""
    try:
        content = json.loads((folder / "results.json").read_text(encoding="utf-8"))
        tasks = [task for milestone in content["milestones"] for task in milestone["tasks"]]
        found = {str(check["id"]): check["passed"] is True for task in tasks for check in task["checks"]}
        return found if content["tree"] == shown_path(tree) else {}
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return {}


def results(
    verdicts: Sequence[MilestoneVerdict],
    tree: Path,
    explanations: Mapping[TaskId, Explanation] = MappingProxyType({}),
) -> dict:
    """The content of results.json, as docs/grader.md describes it."""
    numbers = in_total(verdict.milestone for verdict in verdicts)
    counted = [verdict for verdict in verdicts if verdict.milestone.number in numbers]
    return {
        "tree": shown_path(tree),
        "score": round(sum(verdict.score for verdict in counted), 2),
        "max_score": sum(verdict.max_score for verdict in counted),
        "milestones": [
            {
                "number": verdict.milestone.number,
                "title": verdict.milestone.title,
                **({"elective": True} if verdict.milestone.elective else {}),
                "score": verdict.score,
                "max_score": verdict.max_score,
                "tasks": [_task(task, explanations.get(task.task.id)) for task in verdict.tasks],
            }
            for verdict in verdicts
        ],
    }


def _task(task: TaskVerdict, explanation: Explanation | None) -> dict:
    faults = explanation.faults if explanation is not None else ()
    if faults:
        named = [each for fault in faults for each in fault.named or ()]
    else:
        named = task.diagnosis.suspicions if task.diagnosis else ()
    return {
        "id": task.task.id,
        "title": task.task.title,
        "state": task.state,
        "score": task.score,
        "max_score": task.task.points,
        "checks": [
            {"id": verdict.check.id, "passed": verdict.passed, "message": verdict.message} for verdict in task.checks
        ],
        "faults": [_fault(fault) for fault in faults],
        "follows_from": [_fault(fault) for fault in explanation.follows] if explanation is not None else [],
        "mistakes": [
            {"id": each.mistake.id, "title": each.mistake.title, "confidence": each.confidence} for each in named
        ],
    }


def _fault(fault: Fault) -> dict:
    return {
        "function": fault.unit.name,
        "file": fault.unit.file,
        "line": fault.unit.line,
        "task": fault.unit.task,
        "checks": sorted(fault.checks),
    }
