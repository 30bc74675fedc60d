"""`-- --raw`: plain pytest in a process of its own, which is started where the checks are."""

from __future__ import annotations

import os
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


def main() -> int:
    """Run pytest with the arguments after the student's folder; its exit code."""
    folder, *arguments = sys.argv[1:]
    return pytest.main(arguments, plugins=[judging_plugin, BackToTheCaller(folder)])
