"""Workflows for GitHub: a report at every push, and the same with points for GitHub Classroom."""

from __future__ import annotations

from pathlib import Path

from grader.course.milestones import load_milestone
from grader.errors import UsageError

from .options import chosen_milestones

FEEDBACK = ".github/workflows/feedback.yml"
CLASSROOM = ".github/workflows/classroom.yml"  # the name that GitHub Classroom knows

FEEDBACK_HEAD = """\
# Grades starter/ at every push. The run's page shows the report; unfinished work does not make it fail.
name: Feedback
on: [push, workflow_dispatch]

permissions:
  contents: read

jobs:
  grade:
    runs-on: ubuntu-latest
    timeout-minutes: 20
"""
# The reporter looks for a workflow and a job of these names, and for a variable NAME_RESULTS of each of its runners.
CLASSROOM_HEAD = """\
# Grades starter/ at every push, and tells GitHub Classroom the points. Students can change this file, as all files of
# their repositories: the points are feedback, not a grade.
name: Autograding Tests
on: [push, repository_dispatch]

permissions:
  checks: write
  actions: read
  contents: read

jobs:
  run-autograding-tests:
    runs-on: ubuntu-latest
    timeout-minutes: 20
    if: github.actor != 'github-classroom[bot]'
"""
GRADE = """\
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - name: Grade starter/
        shell: bash
        run: |
          rm -rf results
          python noxfile.py -s grade -- --out results > report.txt || true
          cat report.txt
          { echo '```'; cat report.txt; echo '```'; } >> "$GITHUB_STEP_SUMMARY"
          test -f results/results.json  # points may be missing; a verdict may not
      - uses: actions/upload-artifact@v4
        with:
          name: results
          path: results/results.json
"""
# A runner's result in the reporter's form: JSON in base64, with the points of each of its tests.
POINTS = """\
      - name: Points
        id: points
        shell: python
        run: |
          import base64, json, os
          results = json.load(open("results/results.json", encoding="utf-8"))
          with open(os.environ["GITHUB_OUTPUT"], "a", encoding="utf-8") as output:
              for milestone in results["milestones"]:
                  tests = [
                      {
                          "name": task["id"] + " " + task["title"],
                          "status": "pass" if task["score"] == task["max_score"] else "fail",
                          "score": task["score"],
                          "message": task["state"] + ": " + str(task["score"]) + " of " + str(task["max_score"]),
                          "test_code": "", "filename": "", "line_no": 0, "execution_time": 0,
                      }
                      for task in milestone["tasks"]
                  ]
                  status = "pass" if milestone["score"] == milestone["max_score"] else "fail"
                  result = {"version": 1, "status": status, "max_score": milestone["max_score"], "tests": tests}
                  encoded = base64.b64encode(json.dumps(result).encode()).decode()
                  print("milestone" + str(milestone["number"]) + "=" + encoded, file=output)
"""


def feedback() -> str:
    """The workflow that grades at every push, and shows the report on the run's page."""
    return FEEDBACK_HEAD + GRADE


def classroom(milestones: tuple[int, ...]) -> str:
    """The same with the points of these milestones for GitHub Classroom."""
    grade = GRADE
    if any(load_milestone(number).elective for number in milestones):
        grade = grade.replace("-s grade -- --out", "-s grade -- --electives --out")
    names = [f"milestone{number}" for number in milestones]
    results = [f"          {name.upper()}_RESULTS: ${{{{ steps.points.outputs.{name} }}}}\n" for name in names]
    reporter = "      - uses: classroom-resources/autograding-grading-reporter@v1\n        env:\n"
    runners = f"        with:\n          runners: {','.join(names)}\n"
    return "".join([CLASSROOM_HEAD, grade, POINTS, reporter, *results, runners])


def write_classroom(destination: Path, asked: str, electives: bool = False) -> Path:
    """Write the workflow into a repository that was handed out, in the place of the one for feedback."""
    if not (destination / "noxfile.py").is_file():
        raise UsageError(f"{destination} is not the students' repository: make one with handout, and name it")
    path = destination / CLASSROOM
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(classroom(chosen_milestones(asked, electives)), encoding="utf-8", newline="\n")
    (destination / FEEDBACK).unlink(missing_ok=True)
    return path
