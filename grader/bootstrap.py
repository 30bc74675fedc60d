"""Runs nox on a machine that has only Python and pip: `python3 noxfile.py -s milestone1`."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from .environments import REPOSITORY, SetupError, clean_environment, environment, with_venv

# Of the commands, not of nox.
OWN = {
    *("--task", "--tree", "--out", "--fast", "--html", "--raw", "--pdb", "--stop", "--on-reference", "--no-reference"),
    *("--plain", "--reveal", "--seed", "--electives", "--to", "--fix", "--write"),
    *("--milestones", "--only", "--again", "--private", "--require", "--explain", "--budget", "--roster"),
    *("--workers", "--scheduler"),
}


def run_nox() -> int:
    """Run nox with this command line's arguments; its exit code."""
    words = sys.argv[1:]
    try:
        names = sessions()
        if words and not words[0].startswith("-") and words[0] not in names:
            print(f"error: there is no command {words[0]!r}: {command()} lists them", file=sys.stderr)
            return 2
        better = corrected(words, names)
        if better is not None:
            print(f"error: type {command()} {shlex.join(better)}", file=sys.stderr)
            return 2
        python = environment("nox", ["nox"], with_venv)
        variables = {**clean_environment(), "COURSE_COMMAND": command(), "COURSE_CALLED_FROM": os.getcwd()}
        nox = [python, "-I", "-m", "nox", *words]
        # nox asks its streams whether they are terminals, also where the shell has closed them.
        closed = {name: subprocess.DEVNULL for name in ("stdin", "stdout", "stderr") if getattr(sys, name) is None}
        return subprocess.run(nox, cwd=REPOSITORY, env=variables, check=False, **closed).returncode
    except (OSError, SetupError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def command() -> str:
    """What the student has typed up to here."""
    if os.name == "nt":
        return f"py {subprocess.list2cmdline(sys.argv[:1])}"
    name = Path(sys.executable).name
    return f"{name if re.fullmatch(r'python3.[0-9]+', name) else 'python3'} {shlex.quote(sys.argv[0])}"


def sessions() -> set[str]:
    """The names of the commands."""
    text = (REPOSITORY / "noxfile.py").read_text(encoding="utf-8")
    numbered = {path.name.partition("_")[0] for path in (REPOSITORY / "milestones").glob("milestone*_*")}
    named = re.findall(r'^@command\ndef (\w+)|^command\(\w+, name="(\w+)"\)', text, re.MULTILINE)
    return {name for names in named for name in names if name} | numbered


def corrected(words: Sequence[str], names: set[str]) -> list[str] | None:
    """The words with the `-s` or the `--` that they lack; None where they lack neither."""
    rest = list(words)
    if rest and rest[0] in names:
        rest = ["-s", *rest]
    if rest[:1] in (["-s"], ["--session"]) and "--" not in rest and rest[1:2] and rest[1] in names:
        for position, word in enumerate(rest[2:], 2):
            if word.partition("=")[0] in OWN or not (word.startswith("-") or word in names):
                rest.insert(position, "--")
                break
    return rest if rest != list(words) else None
