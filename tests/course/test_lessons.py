"""What the report takes from the lessons."""

from types import SimpleNamespace

from grader.course import lessons
from grader.task_id import TaskId

SECTION = """# Milestone 2

## 2.1 Order

**When it passes.** You search *depth first*, with
a `list`; [Kahn](https://example.org) counts, 2 * 3 * 4 times.

Another paragraph.

## 2.2 Sums

**Write** it.

## 2.3 Seeds

**When it passes.** Seeds.
"""


def test_the_paragraph_for_those_who_have_passed_is_read_without_markdown(monkeypatch, tmp_path):
    (tmp_path / "README.md").write_text(SECTION, encoding="utf-8")
    monkeypatch.setattr(lessons, "milestone_of", lambda _: SimpleNamespace(folder=tmp_path))
    said = [lessons.when_it_passes(TaskId(id)) for id in ("2.1", "2.2", "2.4")]
    assert said == ["You search depth first, with a list; Kahn counts, 2 * 3 * 4 times.", None, None]
