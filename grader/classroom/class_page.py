"""class.html: what an instructor reads about a class, from the rows of the gradebook."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from typing import Any

from grader.course.milestones import course, in_total, load_milestone, milestone_of
from grader.course.mistakes import load_mistakes
from grader.report.markup import page
from grader.report.page import css
from grader.report.words import listed
from grader.verdict.diagnosis import CONFIDENT
from grader.verdict.judge import BLOCKED, DONE, IN_PROGRESS, NOT_STARTED

from .gradebook import Row
from .pages import drawn

STATES = (DONE, IN_PROGRESS, BLOCKED, NOT_STARTED)
BINS = 10
MISTAKES_SHOWN, LESSONS = 25, 5
FEW = 2  # a mistake of fewer students is not the class's


def class_page(rows: Sequence[Row], run: dict[str, Any]) -> str:
    """The page of a class. run: what run.json says."""
    graded = [row for row in rows if row.problem is None]
    milestones = _milestones(graded) if graded else []
    mistakes = _mistakes(graded)
    scores = [row.results["score"] for row in graded]
    most = rows[0].results["max_score"] if rows else 0.0
    chosen = [load_milestone(number) for number in run["milestones"]]
    counted = in_total(chosen)
    content = drawn(
        "class.html",
        {
            "rows": rows,
            "graded": graded,
            "problems": [row for row in rows if row.problem is not None],
            "marked": [row for row in rows if row.marks],
            "scope": listed("milestone", [str(one.number) for one in chosen if one.number in counted]),
            "uncounted": [one.number for one in chosen if one.number not in counted],
            "most": most,
            "median": statistics.median(scores) if scores else 0.0,
            "full": sum(score == most for score in scores),
            "distribution": _distribution(scores, most),
            "milestones": milestones,
            "mistakes": mistakes[:MISTAKES_SHOWN],
            "lessons": list(_lessons(milestones, mistakes))[:LESSONS],
            "run": run,
        },
    )
    return page("Class report", content)


def _distribution(scores: Sequence[float], most: float) -> list[dict[str, Any]]:
    """How many have how many points, the most first; all points, and none, apart."""
    bins = [("all points", [score for score in scores if score == most])]
    for position in reversed(range(BINS)):
        low, high = (most * each / BINS for each in (position, position + 1))
        inside = [score for score in scores if low <= score < high and score > 0]
        bins.append((f"{low:.0f} to {high:.0f}" if position else f"above 0, to {high:.0f}", inside))
    bins.append(("0", [score for score in scores if score == 0]))
    largest = max((len(inside) for _, inside in bins), default=0) or 1
    return [
        {"label": label, "count": len(inside), "width": round(100 * len(inside) / largest, 1)} for label, inside in bins
    ]


def _milestones(graded: Sequence[Row]) -> list[dict[str, Any]]:
    """Each task: how many have it in which state, and the mean of its points."""
    found = []
    for position, milestone in enumerate(graded[0].results["milestones"]):
        tasks = []
        for place, task in enumerate(milestone["tasks"]):
            own = [row.results["milestones"][position]["tasks"][place] for row in graded]
            counts = {state: sum(each["state"] == state for each in own) for state in STATES}
            tasks.append(
                {
                    "id": task["id"],
                    "title": task["title"],
                    "most": task["max_score"],
                    "mean": statistics.fmean(each["score"] for each in own),
                    "rate": round(100 * counts[DONE] / len(own)),
                    "counts": counts,
                    "words": ", ".join(f"{count} {state}" for state, count in counts.items() if count),
                    "parts": [
                        {"css": css(state), "width": round(100 * count / len(own), 2)}
                        for state, count in counts.items()
                        if count
                    ],
                }
            )
        about = {"number": milestone["number"], "title": milestone["title"]}
        found.append({**about, "elective": milestone.get("elective", False), "tasks": tasks})
    return found


def _mistakes(graded: Sequence[Row]) -> list[dict[str, Any]]:
    """The mistakes that were named with confidence, those of most students first."""
    who: dict[str, list[Row]] = {}
    for row in graded:
        for milestone in row.results["milestones"]:
            for task in milestone["tasks"]:
                for mistake in named(task):
                    rows = who.setdefault(mistake["id"], [])
                    rows += [row] if not rows or rows[-1] is not row else []
    known = {mistake.id: mistake for milestone in course() for mistake in load_mistakes(milestone)}
    found = [(known[name], rows) for name, rows in who.items() if name in known]
    found.sort(key=lambda item: (-len(item[1]), item[0].task, item[0].id))
    return [
        {
            "task": mistake.task,
            "title": mistake.title,
            "explanation": " ".join(mistake.explanation.split()),
            "rows": rows,
        }
        for mistake, rows in found
    ]


def named(task: dict[str, Any]) -> list[dict[str, Any]]:
    """A task's mistakes of which the grader is confident; of those judged by likeness alone only the likeliest."""
    sure = [each for each in task["mistakes"] if each["confidence"] >= CONFIDENT]
    return sure if task["faults"] else sure[:1]


def _lessons(milestones: Sequence[dict[str, Any]], mistakes: Sequence[dict[str, Any]]) -> Iterator[dict[str, str]]:
    """What is worth a word in class: mistakes that several made, and tasks that many began and few finished."""
    for each in mistakes[:3]:
        if len(each["rows"]) >= FEW:
            yield {"text": f"{len(each['rows'])} students: {each['title']}", "section": _section(each["task"])}
    tasks = [task for milestone in milestones for task in milestone["tasks"]]
    begun = [(task, task["counts"][DONE], task["counts"][DONE] + task["counts"][IN_PROGRESS]) for task in tasks]
    hard = sorted(begun, key=lambda one: (one[1] - one[2], one[0]["rate"]))
    for task, done, all_begun in hard[:2]:
        if all_begun - done >= FEW:
            text = f"{task['id']} {task['title']}: {all_begun - done} of the {all_begun} who began it are not done"
            yield {"text": text, "section": _section(task["id"])}
    of_all = [task for milestone in milestones if not milestone["elective"] for task in milestone["tasks"]]
    reached = next((task for task in of_all if task["rate"] < 50), None)
    if reached is not None and sum(task["counts"][NOT_STARTED] for task in of_all):
        text = f"Less than half of the class has done {reached['id']} {reached['title']}."
        yield {"text": text, "section": _section(reached["id"])}


def _section(task: str) -> str:
    return f"milestones/{milestone_of(task).folder.name}/README.md, section {task}"
