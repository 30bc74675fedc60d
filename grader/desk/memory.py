"""Remembers the faults of the last run, so that the report can say what a change made of a mistake."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from grader.explain.explanation import Explanation, Fault
from grader.files import STATE, file_of_tree, write_whole
from grader.report.why import CERTAIN
from grader.source.graft import GraftError, function_text
from grader.source.package import text_of
from grader.task_id import TaskId

FOLDER = STATE / "faults"  # a file for each tree


def with_memory(explanations: Mapping[TaskId, Explanation], tree: Path) -> dict[TaskId, Explanation]:
    """The explanations, where a fault also says what the last change of its function made of its mistake."""
    file = FOLDER / file_of_tree(tree)
    memory, told = _read(file), {}
    for task_id, explanation in explanations.items():
        before, now, faults = memory.get(task_id, {}), {}, []
        for fault in explanation.faults:
            key = f"{fault.unit.file}:{fault.unit.name}"
            now[key] = {
                "text": _digest(tree, fault),
                "mistakes": [each.mistake.id for each in fault.named or ()],
                "checks": sorted(fault.checks),
            }
            sure = any(each.confidence >= CERTAIN for each in fault.named or ())
            faults.append(dataclasses.replace(fault, since=_since(before.get(key), now[key], sure)))
        if explanation.whole:  # the next run may have the time for what this one leaves out
            memory[task_id] = now
        told[task_id] = dataclasses.replace(explanation, faults=tuple(faults))
    with contextlib.suppress(OSError):  # what can't be written is not remembered
        write_whole(file, json.dumps(memory))
    return told


def _since(before: Mapping | None, now: Mapping, sure: bool) -> str:
    """What a change since the last run has done to a mistake that is named again; nothing where that is not so. Only
    one that is sure is said to be still there: what is only perhaps so may be another mistake by now."""
    if before is None or before["text"] == now["text"] or not set(before["mistakes"]) & set(now["mistakes"]):
        return ""
    mended, broken = set(before["checks"]) - set(now["checks"]), set(now["checks"]) - set(before["checks"])
    if not mended and not broken:
        return "the same checks fail as before your last change of this function"
    parts = [f"{len(checks)} more {verb}" for checks, verb in ((mended, "pass"), (broken, "fail")) if checks]
    if not sure:
        return f"after your last change of this function {' and '.join(parts)}"
    return f"the mistake is still there after your last change of this function; {' and '.join(parts)}"


def _digest(tree: Path, fault: Fault) -> str:
    try:
        text = function_text(text_of((tree / fault.unit.file).read_bytes()), fault.unit.name)
    except (OSError, ValueError, SyntaxError, RecursionError, GraftError):
        text = ""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _read(file: Path) -> dict[str, dict]:
    """What is remembered, by task and function; nothing where the file is missing or was damaged."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        kept = [each for faults in content.values() for each in faults.values()]
        texts = [text for each in kept for text in (each["text"], *each["mistakes"], *each["checks"])]
        return content if all(isinstance(text, str) for text in texts) else {}
    except (OSError, ValueError, AttributeError, TypeError, KeyError, RecursionError):
        return {}
