"""report.html: what a student reads, drawn from the same stories as the screen at the desk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .gradebook import number
from .pages import page


def student_page(record: dict[str, Any], name: str, notes: Sequence[str]) -> str:
    """The page of one student."""
    results = record["results"]
    return page(
        "student.html",
        {
            "id": record["id"],
            "name": name or record["id"],
            "notes": notes,
            "problem": record["problem"],
            "total": number(results["score"]),
            "most": number(results["max_score"]),
            "milestones": results["milestones"],
            "stories": record["stories"],
        },
    )
