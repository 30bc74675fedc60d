"""report.html of a class: what a student reads, drawn as the page at the desk is, from the same stories."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from grader.report.markup import element, page
from grader.report.page import sections
from grader.report.words import points


def student_page(record: dict[str, Any], name: str, notes: Sequence[str]) -> str:
    """The page of one student."""
    results = record["results"]
    total, most = points(results["score"]), points(results["max_score"])
    figures = [element("li", element("b", f"{total} of {most}"), "points")]
    for each in results["milestones"] if len(results["milestones"]) > 1 else ():
        of = f"{points(each['score'])} of {points(each['max_score'])}"
        kind = " (elective, in no total)" if each.get("elective") else ""
        figures.append(element("li", element("b", of), f"milestone {each['number']}, {each['title']}{kind}"))
    header = element(
        "header",
        element("h1", name or record["id"]),
        element("p", record["id"], class_="quiet"),
        element("ul", *figures, class_="figures"),
    )
    parts = []
    if record["problem"]:
        problem = element("p", record["problem"], class_="bad")
        parts.append(element("section", element("h2", "Not graded"), problem))
    if notes:
        parts.append(element("section", element("h2", "What was taken in"), *(element("p", note) for note in notes)))
    for story in record["stories"]:
        parts += sections(story, None)
    return page(f"{name or record['id']}: {total} points", header, element("main", *parts))
