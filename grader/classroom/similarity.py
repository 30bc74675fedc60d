"""`nox -s similarity`: which submissions are like each other, or like the reference, beyond what the starter has.

compare50 does it, in an environment of its own. It is kept (1.2.15 in October 2026, Python 3.9 and newer), takes the
handed-out code away, and has a place for the reference; its licence, GPL 3, does not matter for a program that is only
run. copydetect (MIT) does the same by Winnowing, but its last release is of March 2024 and names no Python after 3.12.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from grader.command import COMMAND
from grader.errors import CourseError, UsageError
from grader.files import temporary_folder, write_text
from grader.option_types import count
from grader.source.reference import has_reference, reference, starter
from grader.text import one_line

from .intake import Entry, entries

REFERENCE = "the-reference"
PAIRS = 50  # that the report shows, the most similar first
PASSES = ("structure", "exact")  # ranked by what stays when names change; the report also shows what is equal
UNCHANGED = "no file differs from the starter's"
ONE = 25  # characters, which compare50 looks for as one
# What is equal in a submission, in pairs of these: where two submissions share so many, it takes a minute and a
# gigabyte, and with ten times as many more than there is. The reference has a tenth of it.
MOST_EQUAL = 5_000_000
KINDS = 2**22  # that are told apart: a bound of memory
REPEATS = "it repeats itself too often, or is too large, to be compared"
PLAIN_NAME = re.compile(r"[A-Za-z0-9_./-]{1,200}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare the submissions of a class; writes a report of pages into a new folder."""
    parser = argparse.ArgumentParser(prog=f"{COMMAND} -s similarity --", description=__doc__.partition("\n")[0])
    parser.add_argument("submissions", type=Path, metavar="SUBMISSIONS", help="as for `nox -s class`")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="a new folder for the report")
    parser.add_argument("--roster", type=Path, metavar="FILE", help="as for `nox -s class`")
    parser.add_argument("--pairs", type=count, default=PAIRS, metavar="N", help=f"how many pairs to show ({PAIRS})")
    given = parser.parse_args(arguments)
    try:
        if given.out.exists():
            raise UsageError(f"{given.out} is there already: name a new folder")
        found = entries(given.submissions, given.roster)
        with temporary_folder() as folder:
            compared, left_out = prepare(found, folder)
            if len(compared) < (1 if has_reference() else 2):
                why = "; ".join(f"{name}: {why}" for name, why in [*left_out.items()][:3]) or "it holds no submission"
                raise UsageError(f"{given.submissions}: nothing to compare ({why})")
            code = _run(command(folder, compared, given.out, given.pairs))
    except (UsageError, CourseError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if code == 0:
        print(f"{len(compared)} submissions compared: {given.out / 'index.html'}")
        for name, why in left_out.items():
            print(f"  {one_line(name)} left out: {one_line(why)}")
    return code


def prepare(found: Sequence[Entry], folder: Path) -> tuple[list[str], dict[str, str]]:
    """Write what is compared: of each submission, the files that differ from the starter's; the ids of those that have
    some, and the others, and files that repeat themselves, with the reason."""
    compared, left_out = [], {}
    for entry in found:
        submission, number, parts, equal = entry.load(), 0, Counter(), 0
        why = submission.problem or UNCHANGED
        for name, content in submission.files.items():
            if name in starter() and content == starter()[name].encode():
                continue
            own = _parts(content)
            more = sum(times * (times + 2 * parts[part]) for part, times in own.items())
            if equal + more > MOST_EQUAL:
                why = left_out[f"{submission.id}, {name}"] = REPEATS
                continue
            equal += more
            parts.update(own)
            number += 1
            plain = name if PLAIN_NAME.fullmatch(name) and ".." not in name else f"renamed/{number}.py"
            path = folder / "submissions" / submission.id / plain
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        if number:
            compared.append(submission.id)
        else:
            left_out[submission.id] = why
    for name, text in starter().items():
        write_text(folder / "starter" / name, text)
    for name, text in reference().items() if has_reference() else ():
        if text != starter().get(name):
            write_text(folder / REFERENCE / name, text)
    return compared, left_out


def _parts(content: bytes) -> Counter[int]:
    """What compare50 looks for of a file, in its text and in its structure, and how often it is there."""
    text = content.decode("utf-8", "replace")
    ways = (text, "".join(_structure(text)))
    return Counter(hash((way, own[at : at + ONE])) % KINDS for way, own in enumerate(ways) for at in range(len(own)))


def _structure(text: str) -> Iterator[str]:
    """A text as compare50 takes it for its structure: without spaces, comments, and differences of names and values."""
    from pygments.lexers import PythonLexer  # which it needs itself
    from pygments.token import Comment, Name, Number, String

    for kind, token in PythonLexer().get_tokens(text):
        if kind in Name or kind in Number or kind in String:
            yield "v" if kind in Name else "1" if kind in Number else '"'
        elif kind not in Comment:
            yield "".join(token.split())


def _run(called: Sequence[str]) -> int:
    """Run compare50; its exit code. Where there is no terminal for its progress bars, only what it says of an error is
    shown."""
    if sys.stderr.isatty():
        return subprocess.run(called, check=False).returncode
    done = subprocess.run(called, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    lines = done.stdout.decode("utf-8", "replace").split("\n") if done.returncode else []
    print("".join(f"{line}\n" for line in lines if line and "\r" not in line), end="", file=sys.stderr)
    return done.returncode


def command(folder: Path, compared: Sequence[str], out: Path, pairs: int) -> list[str]:
    """The call of compare50."""
    submissions = [str(folder / "submissions" / name) for name in compared]
    archive = ["--archive", str(folder / REFERENCE)] if (folder / REFERENCE).exists() else []
    options = ["--distro", str(folder / "starter"), *archive, "--passes", *PASSES, "-n", str(pairs)]
    return [sys.executable, "-m", "compare50", *submissions, *options, "--output", str(out)]


if __name__ == "__main__":
    sys.exit(main())
