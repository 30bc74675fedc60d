"""`-- --raw`: plain pytest in a process of its own, which is started where the checks are."""

from __future__ import annotations

import os
import pdb
import sys

import pytest

from . import judging_plugin


class BackToTheCaller:
    """Once the files of checks are known, other relative paths count from where the student is."""

    def __init__(self, folder: str):
        self.folder = folder

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self) -> None:
        """Go there."""
        os.chdir(self.folder)


class StopAt:
    """`--stop FILE:LINE`: the debugger opens where a check comes to a line of the tree."""

    def pytest_addoption(self, parser) -> None:
        """A file is named as in the tree."""
        parser.addoption("--stop", metavar="FILE:LINE", help="open the debugger at a line of the tree")

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config) -> None:
        """Have pytest trace each check with a debugger that goes on to the line."""
        if config.option.stop:
            Debugger.line = config.option.stop
            config.option.trace, config.option.usepdb_cls = True, (__name__, Debugger.__name__)


class Debugger(pdb.Pdb):
    """A debugger that does not stop where it begins, but at a line."""

    line: str | None = None

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.rcLines += [f"break {self.line}", "continue"]


def main() -> int:
    """Run pytest with the arguments after the student's folder; its exit code."""
    folder, *arguments = sys.argv[1:]
    return pytest.main(arguments, plugins=[judging_plugin, BackToTheCaller(folder), StopAt()])
