"""The course is in plain, idiomatic English: a few expressions that readers stumbled over stay out of it."""

import re

import pytest

from grader.files import DOCS, MILESTONES, REPOSITORY, SOLUTIONS

# The expression, and what to write.
BETTER = {
    r"what arrives": "the upstream gradient",
    r"\b(?:nobody|somebody|anybody)\b": "no one, a caller, you, anything",
    r"\bspoil(?:t|s|ed)?\b": "corrupt, change",
    r"\bhand(?:s|ed|ing)? (?:it |them )?on\b": "pass on",
    r"\banew\b": "again",
    r"\bbeside\b": "next to, with, alongside",
    r", too(?=[.;:,)])": "also",
    r"\b(?:is|are) told\b(?! apart)": "is reported",
    r"\bno good\b": "not valid",
    r"(?<!\bthere) (?:is|are|was|were) no (?!better|different|longer)": "is not a",
    r"\bwhoever\b": "anyone who, the person who",
    r"(?-i:\bWho) (?=[^?.]*\.)": "if you, students who",
    r"\bstands? in for\b": "replaces",
}
PROOFS = ("figures", "mistakes", "mutation", "parity", "second_bodies")
FILES = [
    REPOSITORY / "README.md",
    REPOSITORY / "AGENTS.md",
    REPOSITORY / "CONTRIBUTING.md",
    REPOSITORY / "CHANGELOG.md",
    REPOSITORY / "noxfile.py",
    *sorted(DOCS.glob("*.md")),
    *sorted((DOCS / "site").glob("*.*")),
    *sorted(MILESTONES.rglob("*.md")),
    *sorted(MILESTONES.rglob("*.toml")),
    *sorted(MILESTONES.rglob("*.py")),
    *sorted(SOLUTIONS.rglob("*.py")),
    *sorted((REPOSITORY / "grader").rglob("*.py")),
    *sorted((REPOSITORY / "bench").glob("*.*")),
    *sorted((REPOSITORY / "datasets").glob("*.py")),
    *sorted((REPOSITORY / "examples").glob("*.py")),
    *sorted((REPOSITORY / "proofs").glob("*.py")),
    *(path for room in PROOFS for path in sorted((REPOSITORY / "proofs" / room).glob("*.py"))),
]
ID = re.compile(r"^id = .*$|\b[a-z]+(?:-[a-z]+){2,}\b", re.MULTILINE)  # the ids of mistakes stay


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(REPOSITORY).as_posix())
def test_the_wording_is_plain(path):
    text = ID.sub("", path.read_text(encoding="utf-8"))
    found = [
        f"line {text.count(chr(10), 0, match.start()) + 1}: {match[0]!r}: {better}"
        for expression, better in BETTER.items()
        for match in re.finditer(expression.replace(" ", r"\s+"), text, re.IGNORECASE)
    ]
    assert found == []
