"""The grader's command line; the nox sessions call it: `python -m grader milestone 2 --tree starter`."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from .command import COMMAND
from .course.hints import next_hint
from .course.milestones import Milestone, Task, check_tree, course, find_task, load_milestone, milestone_of
from .errors import CourseError, UsageError
from .files import REPOSITORY, SOLUTIONS, STARTER, STATE
from .run.launch import started_ahead, tree_environment
from .source.starter import differences, write_starter


def main(arguments: list[str] | None = None) -> int:
    """Run one command; its exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] == ["python"]:
        own = 3 if arguments[1:2] == ["--tree"] else 1
        arguments = [*arguments[:own], "--", *arguments[own:]]  # what follows is Python's: also -c and -m
    try:
        options = _parser().parse_args(arguments)
        return options.command(options)
    except (CourseError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130


def milestone(options: argparse.Namespace) -> int:
    """Grade one milestone, or run its checks in plain pytest."""
    chosen = load_milestone(options.number)
    if options.raw is not None:
        return raw(chosen, options)
    tasks = chosen.tasks
    if options.task is not None:
        owner = milestone_of(options.task)
        if owner != chosen:
            raise UsageError(f"task {options.task} belongs to {COMMAND} -s milestone{owner.number}")
        tasks = (find_task(options.task),)
    return grade_and_show(tasks, _earlier_rooms(chosen) if options.on_reference else (), options)


def grade_all(options: argparse.Namespace) -> int:
    """Grade every milestone that counts."""
    tasks = [task for milestone in course() if not milestone.elective for task in milestone.tasks]
    return grade_and_show(tasks, (), options)


def grade_and_show(tasks: Sequence[Task], rooms: Sequence[str], options: argparse.Namespace) -> int:
    """Grade a tree: screen, results.json, exit code 0 only at full points."""
    tree = check_tree(options.tree)
    if options.out.is_file():  # refused before the work, not after
        raise UsageError(f"--out {options.out} is a file: name a folder for results.json")
    options.out.mkdir(parents=True, exist_ok=True)
    with started_ahead() as launch:
        # Here and not above: NumPy and rich take as long to import as a worker takes to start.
        from .grade import grade
        from .report.results import write_results
        from .report.screen import console, show
        from .report.story import shown_path, story

        screen, grading = console(), grade(tree, tasks, rooms=rooms, launch=launch)
        with screen.status(f"{shown_path(tree)}/", spinner="dots") as status:
            for count, verdict in enumerate(grading, 1):
                check = verdict.check
                status.update(f"{count} of {len(grading.checks)}  {check.task_id}  {check.sentence}")
    verdicts = grading.finish()
    write_results(options.out, verdicts, tree)
    show(screen, story(verdicts, grading.state))
    return 0 if all(verdict.score == verdict.max_score for verdict in verdicts) else 1


def _earlier_rooms(chosen: Milestone) -> tuple[str, ...]:
    """The rooms that come from the reference; UsageError where they can't."""
    if chosen.not_on_reference is not None:
        raise UsageError(f"--on-reference is not possible here: {chosen.not_on_reference}")
    if not chosen.earlier_rooms:
        raise UsageError(f"--on-reference is not possible here: no milestone comes before {chosen.number}")
    return chosen.earlier_rooms


def raw(chosen: Milestone, options: argparse.Namespace) -> int:
    """Plain pytest on the tree itself, in one process."""
    tree = check_tree(options.tree)
    if options.on_reference:
        raise UsageError("--raw runs the tree as it is: leave out --on-reference")
    paths = [chosen.folder]
    if options.task is not None:
        paths = sorted({check.path for check in find_task(options.task).checks})
    command = [sys.executable, "-m", "pytest", "-p", "grader.raw", "--import-mode=importlib"]
    arguments = [*command, *map(str, paths), *options.raw]
    return subprocess.run(arguments, env=tree_environment(tree.resolve()), cwd=REPOSITORY, check=False).returncode


def hint(options: argparse.Namespace) -> int:
    """Show the next hint of a task."""
    print(next_hint(options.task))
    return 0


def python(options: argparse.Namespace) -> int:
    """Python with the tree importable."""
    tree = check_tree(options.tree)
    arguments = options.arguments[1:] if options.arguments[:1] == ["--"] else options.arguments
    return subprocess.run([sys.executable, *arguments], env=tree_environment(tree.resolve()), check=False).returncode


def starter(options: argparse.Namespace) -> int:
    """Check the committed starter, or write a fresh one."""
    if options.to is not None:
        count = write_starter(SOLUTIONS, options.to)
        print(f"{options.to}: {count} files of a fresh starter")
        return 0
    found = differences(SOLUTIONS, STARTER)
    print("\n".join(found) or "starter/ is what solutions/ generates")
    return 1 if found else 0


class Parser(argparse.ArgumentParser):
    """A parser whose complaint is one clear line, as all others are."""

    def error(self, message: str):
        """Raise what main() turns into that line."""
        raise UsageError(f'{message} (see README.md, "Commands")')


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="grader", description=__doc__, allow_abbrev=False)
    commands = parser.add_subparsers(required=True, metavar="command")

    def command(name: str, function) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=function.__doc__, allow_abbrev=False)
        sub.set_defaults(command=function)
        return sub

    def takes_tree(sub: argparse.ArgumentParser) -> argparse.ArgumentParser:
        sub.add_argument("--tree", type=Path, default=STARTER, help="the folder to use (default: starter)")
        return sub

    def takes_out(sub: argparse.ArgumentParser) -> argparse.ArgumentParser:
        sub.add_argument("--out", type=Path, default=STATE, help="the folder for results.json")
        return sub

    one = takes_out(takes_tree(command("milestone", milestone)))
    one.add_argument("number", type=int)
    one.add_argument("--task", help="one task only, such as 2.3")
    one.add_argument("--on-reference", action="store_true", help="rooms of earlier milestones from the reference")
    one.add_argument("--raw", nargs=argparse.REMAINDER, help="plain pytest, with the arguments that follow")
    takes_out(takes_tree(command("grade", grade_all)))
    command("hint", hint).add_argument("task", help="such as 2.3")
    run = takes_tree(command("python", python))
    run.add_argument("arguments", nargs=argparse.REMAINDER, help="a script with its arguments; none: a prompt")
    command("starter", starter).add_argument("--to", type=Path, help="write a fresh starter into a new folder")
    return parser


if __name__ == "__main__":
    sys.exit(main())
