"""Workflows for GitHub: feedback at every push, and a workflow with points for GitHub Classroom."""

from __future__ import annotations

FEEDBACK = ".github/workflows/feedback.yml"

SET_UP = """\
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


def feedback() -> str:
    """The workflow that grades at every push, and shows the report on the run's page."""
    return f"""\
# Grades starter/ at every push. The run's page shows the report; unfinished work does not make it fail.
name: Feedback
on: [push, workflow_dispatch]

permissions:
  contents: read

jobs:
  grade:
    runs-on: ubuntu-latest
    timeout-minutes: 20
{SET_UP}"""
