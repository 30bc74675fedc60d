"""The folder of a run: what is kept of each submission, so that a run that was interrupted goes on where it was.

Every file is written whole or not at all. A submission's record comes first; all other files are made from records.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from grader.errors import UsageError
from grader.files import write_whole
from grader.locks import lock

RECORDS = ".records"


class Store:
    """A run's folder."""

    def __init__(self, folder: Path):
        self.folder = folder.resolve()
        if self.folder.exists() and not self.folder.is_dir():
            raise UsageError(f"{folder} is a file: name a folder with --out")
        if self.folder.exists() and not (self.folder / RECORDS).is_dir() and any(self.folder.iterdir()):
            raise UsageError(f"{folder} is not empty, and not a run's folder: name a new one with --out")
        try:
            (self.folder / RECORDS).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"{folder} can't be written ({error.strerror}): name another folder with --out") from error

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """For as long as the context is open, no other run has the folder; UsageError where one has it already."""
        with (self.folder / RECORDS / "lock").open("a", encoding="utf-8") as file:  # the system opens it at our end
            if not lock(file.fileno()):
                raise UsageError(f"another run is writing into {self.folder}: wait for its end, or name another --out")
            yield

    def record(self, name: str, key: str | None) -> dict[str, Any] | None:
        """What is kept of a submission under this key, or under any; None where there is none, or it is damaged."""
        try:
            content = json.loads((self.folder / RECORDS / f"{name}.json").read_text(encoding="utf-8"))
            right = content["key"] == key or (key is None and isinstance(content["key"], str))
            return content["record"] if right and content["record"]["id"] == name else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def keep(self, name: str, key: str, record: dict[str, Any]) -> None:
        """Keep what came of a submission."""
        write_whole(self.folder / RECORDS / f"{name}.json", json.dumps({"key": key, "record": record}))

    def write(self, name: str, text: str) -> None:
        """Write a file of the run, unless it says this already."""
        path = self.folder / name
        with contextlib.suppress(OSError, ValueError):
            if path.read_bytes() == text.encode():
                return
        write_whole(path, text)

    def about(self) -> dict[str, Any]:
        """What run.json says of the last run; empty where there was none."""
        try:
            content = json.loads((self.folder / "run.json").read_text(encoding="utf-8"))
            return content if isinstance(content, dict) else {}
        except (OSError, ValueError):
            return {}
