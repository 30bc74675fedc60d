"""The commands of an instructor, and their options; what each needs is imported when it is called."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from grader.option_types import count, seconds, seed

Command = Callable[..., argparse.ArgumentParser]


def grade_class(options: argparse.Namespace) -> int:
    """Grade a class."""
    from .command import grade_class

    return grade_class(options)


def gradescope(options: argparse.Namespace) -> int:
    """Write an autograder for Gradescope."""
    from .gradescope import write_package

    return write_package(options)


def autograde(options: argparse.Namespace) -> int:
    """Grade one submission, in Gradescope's container."""
    from .gradescope import autograde

    return autograde(options)


def classroom(options: argparse.Namespace) -> int:
    """Write a workflow for GitHub Classroom."""
    from .github import write_classroom

    print(write_classroom(options.to, options.milestones, options.electives))
    return 0


def handout(options: argparse.Namespace) -> int:
    """Write the students' repository."""
    from .handout import write_handout

    count = write_handout(options.to, options.reference)
    print(f"{options.to}: {count} files, {'with' if options.reference else 'without'} the reference")
    return 0


def level(text: str) -> str:
    """The type of an option with a level of isolation."""
    from grader.run.sandbox import LEVELS

    if text not in LEVELS:
        raise argparse.ArgumentTypeError(f"expected a level of isolation ({', '.join(LEVELS)}), not {text!r}")
    return text


def add_commands(command: Command) -> None:
    """Add the commands. command: adds one, by its name and function."""
    _add_class(command("class", grade_class))
    _add_handing_out(command)
    _add_gradescope(command)


def _takes_milestones(one: argparse.ArgumentParser) -> None:
    """The options of what is graded."""
    one.add_argument("--milestones", default="", help="such as 1,2 (default: all that count)")
    one.add_argument("--electives", action="store_true", help="also elective milestones")
    one.add_argument("--on-reference", action="store_true", help="earlier milestones from the reference")
    one.add_argument("--private", type=Path, metavar="DIR", help="further checks, named test_2_05_private.py")


def _add_class(one_class: argparse.ArgumentParser) -> None:
    one_class.add_argument("submissions", type=Path, help="a folder or an archive with what was handed in")
    one_class.add_argument("--out", type=Path, required=True, help="the folder for the gradebook and the reports")
    one_class.add_argument("--roster", type=Path, help="a CSV file with the columns id and name")
    _takes_milestones(one_class)
    one_class.add_argument("--explain", action="store_true", help="search the functions at fault")
    one_class.add_argument("--only", action="append", default=[], metavar="ID", help="grade only this; may be repeated")
    one_class.add_argument("--again", action="store_true", help="grade also what has not changed")
    one_class.add_argument("--workers", type=count, default=1, help="how many at a time")
    weakest = "of isolation; refuse a weaker one"
    one_class.add_argument("--require", type=level, default="process", metavar="LEVEL", help=weakest)
    one_class.add_argument("--scheduler", metavar="ADDRESS", help="of a cluster (nox -s worker)")
    one_class.add_argument("--seed", type=seed, help="of an earlier run, to repeat it")
    most = "for a submission (default: ten times the reference's)"
    one_class.add_argument("--budget", type=seconds, metavar="SECONDS", help=most)


def _add_handing_out(command: Command) -> None:
    points = command("classroom", classroom)
    points.add_argument("--to", type=Path, required=True, help="the students' repository")
    points.add_argument("--milestones", default="", help="such as 1,2 (default: all that count)")
    points.add_argument("--electives", action="store_true", help="also elective milestones")
    out = command("handout", handout)
    out.add_argument("--to", type=Path, required=True, help="a new folder")
    out.add_argument("--no-reference", dest="reference", action="store_false", help="the reference does not travel")


def _add_gradescope(command: Command) -> None:
    package = command("gradescope", gradescope)
    _takes_milestones(package)
    package.add_argument("--to", type=Path, required=True, help="the .zip file to write")
    own = command("autograde", autograde)
    _takes_milestones(own)
    own.add_argument("submission", type=Path, help="the folder with what was handed in")
    own.add_argument("--out", type=Path, required=True, help="the file for Gradescope")
    weakest = "of isolation; refuse a weaker one"
    own.add_argument("--require", type=level, default="user", metavar="LEVEL", help=weakest)
    own.add_argument("--seed", type=seed, help="of an earlier run, to repeat it")
    own.add_argument("--budget", type=seconds, metavar="SECONDS", help="for the submission")
