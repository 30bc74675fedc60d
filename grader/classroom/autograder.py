"""The verdict as Gradescope reads it: results.json of its autograders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from grader.text import printable
from grader.verdict.judge import DONE, NOT_STARTED

MOST_OUTPUT = 8_000  # characters a task
SHOWN = 5  # failing checks of a task without a block of its own
TEXT = {"output_format": "text"}


def gradescope_results(record: Mapping[str, Any], notes: Sequence[str] = ()) -> dict[str, Any]:
    """A record in Gradescope's form: a test case for each task, and what was noticed for instructors alone."""
    milestones = record["results"]["milestones"]
    tasks = {task["id"]: task for milestone in milestones for task in milestone["tasks"]}
    electives = {task["id"] for milestone in milestones if milestone.get("elective") for task in milestone["tasks"]}
    blocks: dict[str, list[str]] = {}
    for block in (block for story in record["stories"] for block in story["blocks"]):
        task = block["title"].split(" ")[0]
        blocks.setdefault(task if task in tasks else "", []).append(_block(block))
    tests = [
        {
            "number": task["id"],
            "name": printable(task["title"]) + (" (elective, in no total)" if task["id"] in electives else ""),
            "score": task["score"],
            "max_score": task["max_score"],
            "status": "passed" if task["state"] == DONE else "failed",
            "visibility": "visible",
            "output": _task(task, blocks.get(task["id"], [])),
            **TEXT,
        }
        for task in tasks.values()
    ]
    marks = [f"{each['file']}:{each['line']}  {each['what']}. {each['why']}" for each in record["marks"]]
    if marks:  # without points, so that it does not hide the total
        tests.append({"name": "Marks to look at", "visibility": "hidden", "output": _text(marks), **TEXT})
    said = [f"Not graded: {record['problem']}"] if record["problem"] else []
    said += [*notes, *blocks.get("", []), *(_line(note) for story in record["stories"] for note in story["notes"])]
    return {
        "score": record["results"]["score"],
        "stdout_visibility": "hidden",
        "output": _text(said),
        "tests": tests,
        "extra_data": {"level": record["level"], "marks": len(marks)},
        **TEXT,
    }


def _task(task: Mapping[str, Any], blocks: Sequence[str]) -> str:
    """What a student reads about a task."""
    failed = [check for check in task["checks"] if not check["passed"]]
    lines = [f"{task['state']}: {len(task['checks']) - len(failed)} of {len(task['checks'])} checks", *blocks]
    if not blocks and task["state"] != NOT_STARTED:
        told = [check for check in failed if check["message"]]  # private checks have none
        lines += [f"{check['id'].partition('::')[2]}: {check['message']}" for check in told[:SHOWN]]
    return _text(lines)


def _block(block: Mapping[str, Any]) -> str:
    """A block of a report as text."""
    source = [f"{'>' if each['marked'] else ' '} {each['number']:4} {each['text']}" for each in block["source"]]
    head = [f"{block['title']}   {block['where']}", block["claim"]]
    return "\n".join([*filter(None, head), *source, *map(_line, block["lines"])])


def _line(line: Mapping[str, Any]) -> str:
    """A line of a story: its label, and its words below one another where there are several lines."""
    text = "".join(words["text"] for words in line["words"]).replace("\n", "\n" + 12 * " ")
    return f"{line['label']:<12}{text}" if len(line["label"]) < 12 else f"{line['label']}  {text}"


def _text(lines: Sequence[str]) -> str:
    """Lines as plain text, as far as they fit."""
    text = printable("\n".join(lines))
    return text if len(text) <= MOST_OUTPUT else f"{text[:MOST_OUTPUT]}\n..."
