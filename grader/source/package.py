"""The package that students write: its name, and its files in a tree."""

from __future__ import annotations

from pathlib import Path

PACKAGE = "neural_framework"


def source_files(tree: Path) -> dict[str, Path]:
    """The package's Python files: their path within the tree, with forward slashes, and where they are."""
    files = [path for path in sorted((tree / PACKAGE).rglob("*.py")) if path.is_file() and path.name[0] != "."]
    return {path.relative_to(tree).as_posix(): path for path in files}


def read_source(path: Path) -> str:
    """A file's text with its line ends kept."""
    with path.open(encoding="utf-8", newline="") as file:
        return file.read()


def sources(tree: Path) -> dict[str, str]:
    """The texts of a tree's files, by their names."""
    return {name: read_source(path) for name, path in source_files(tree).items()}
