"""README and docs are in step with the course: hours, commands, files. (`nox -s lessons` follows the links.)"""

import re

import pytest

from grader.course.milestones import course
from grader.files import DOCS, REPOSITORY, SOLUTIONS
from grader.source.package import PACKAGE

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
PAGES = [
    REPOSITORY / "README.md",
    REPOSITORY / "AGENTS.md",
    REPOSITORY / "CONTRIBUTING.md",
    REPOSITORY / "CHANGELOG.md",
    *sorted(DOCS.glob("*.md")),
    *sorted((REPOSITORY / "milestones").glob("*/README.md")),
    REPOSITORY / "bench" / "README.md",
    REPOSITORY / "datasets" / "README.md",
]
NOXFILE = (REPOSITORY / "noxfile.py").read_text(encoding="utf-8")
SESSIONS = set(re.findall(r"@command\ndef (\w+)", NOXFILE) + re.findall(r'^command\(\w+, name="(\w+)"', NOXFILE, re.M))


def test_the_readme_can_be_read_in_one_go():
    assert README.count("\n") <= 90


@pytest.mark.parametrize("milestone", course(), ids=lambda milestone: milestone.folder.name)
def test_the_readme_lists_each_milestone_with_its_title_and_hours(milestone):
    link = f"[{milestone.number} · {milestone.title}](milestones/{milestone.folder.name}/README.md)"
    row = next(line for line in README.splitlines() if link in line)
    assert row.endswith(f"| {milestone.hours} |")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(REPOSITORY).as_posix())
def test_every_session_that_a_page_names_exists(page):
    named = set(re.findall(r"(?:nox|noxfile\.py) -s (\w+)", page.read_text(encoding="utf-8")))
    assert {name for name in named if not re.fullmatch(r"milestone\d", name)} <= SESSIONS


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(REPOSITORY).as_posix())
def test_files_that_a_page_names_exist(page):
    """A path in backticks is one of the repository, of the package, or of the grader."""
    text = page.read_text(encoding="utf-8")
    roots = [REPOSITORY, SOLUTIONS, SOLUTIONS / PACKAGE, REPOSITORY / "grader", page.parent]
    named = [name for name in re.findall(r"`([\w./]+/[\w.]+\.(?:py|md|toml|json|txt))`", text) if "NAME" not in name]
    if page.name != "CHANGELOG.md":  # it also names what is gone
        assert [name for name in named if not any((root / name).exists() for root in roots)] == []
