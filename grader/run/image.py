"""Makes the folder with what a process next to a student's code needs of the course, and nothing else of it."""

from __future__ import annotations

import ast
import compileall
import shutil
from pathlib import Path

from grader.files import REPOSITORY

NOT_DATA = {"generate.py", "__pycache__"}  # of datasets/


def make_image(folder: Path) -> Path:
    """Fill a new folder; what it holds is read by every submission, and written by none."""
    for name in shipped():
        target = folder / "grader" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(REPOSITORY / "grader" / name, target)
    (folder / "datasets").mkdir()
    for path in (REPOSITORY / "datasets").iterdir():
        if path.name not in NOT_DATA and path.suffix in (".py", ".npy", ".csv", ".txt"):
            shutil.copyfile(path, folder / "datasets" / path.name)
    compileall.compile_dir(folder, quiet=2)
    let_others_read(folder)
    return folder


def let_others_read(folder: Path) -> None:
    """Let every user read a folder and what it holds, whatever the umask is."""
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)


def shipped() -> set[str]:
    """The files of grader/ that inside/ consists of and imports, by their names in it."""
    root = REPOSITORY / "grader"
    found, waiting = set(), [path.relative_to(root).as_posix() for path in (root / "inside").glob("*.py")]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        folder = name.rpartition("/")[0]
        waiting.append("/".join([*filter(None, [folder]), "__init__.py"]))
        for node in ast.walk(ast.parse((root / name).read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.level or (node.module or "").startswith("grader.")):
                room = f"{folder}." if node.level and folder else ""
                file = f"{(room + (node.module or '').removeprefix('grader.')).replace('.', '/').strip('/')}.py"
                waiting += [file] if (root / file).is_file() else []
    return found
