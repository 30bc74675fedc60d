"""The grader's command line; the nox sessions call it: `python -m grader milestone 2 --tree starter`."""

from __future__ import annotations

import argparse
import contextlib
import itertools
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from grader.course.hints import next_hint
from grader.course.milestones import (
    COMMAND,
    Check,
    check_tree,
    find_task,
    load_milestone,
    milestone_folder,
    milestone_numbers,
    milestone_of,
)
from grader.errors import CourseError, UsageError
from grader.files import REPOSITORY, SOLUTIONS, STARTER
from grader.run.assemble import assemble, rooms_before
from grader.run.supervise import launch, observe, worker_environment
from grader.source.starter import differences, write_starter


def main(arguments: list[str] | None = None) -> int:
    """Run one command; its exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] == ["python"]:
        own = 3 if arguments[1:2] == ["--tree"] else 1
        arguments = [*arguments[:own], "--", *arguments[own:]]  # what follows is Python's: -c and -m, too
    try:
        options = _parser().parse_args(arguments)
        return options.command(options)
    except (CourseError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130


def grade(options: argparse.Namespace) -> int:
    """Grade milestones of a tree: screen, results.json, exit code 0 only at full points."""
    tree = check_tree(options.tree)
    milestones = [load_milestone(number) for number in options.numbers]
    if options.task is not None and milestone_of(options.task) not in options.numbers:
        milestone_folder(milestone_of(options.task))
        raise UsageError(f"task {options.task} belongs to {COMMAND} -s milestone{milestone_of(options.task)}")
    tasks = {
        milestone.number: [find_task(milestone, options.task)] if options.task else list(milestone.tasks)
        for milestone in milestones
    }
    rooms = _reference_rooms(options)
    checks = [check for chosen in tasks.values() for task in chosen for check in task.checks]
    if options.out.is_file():  # refused before the work, not after
        raise UsageError(f"--out {options.out} is a file: name a folder for results.json")
    options.out.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="course-", ignore_cleanup_errors=True))
        scratch = Path(folder).resolve()
        process = launch(scratch)
        stack.callback(process.kill)
        # While the worker starts: NumPy and rich take as long to import as pytest does.
        from grader.report.screen import console, print_report, results, shown_path, write_results
        from grader.verdict.judge import judge, stub_counts

        screen = console()
        assembled = assemble(tree, SOLUTIONS, scratch, rooms)
        threading.Thread(target=stub_counts, daemon=True).start()  # the judge asks for it, once the workers are done
        with screen.status(f"{shown_path(tree)}/", spinner="dots") as status:
            count = itertools.count(1)

            def progress(check: Check) -> None:
                status.update(f"{next(count)} of {len(checks)}  {check.task_id}  {check.name.replace('_', ' ')[5:]}")

            observations = observe(assembled, checks, progress, process=process)
        verdicts = [judge(milestone, tasks[milestone.number], assembled, observations) for milestone in milestones]
    write_results(options.out, results(verdicts, assembled))
    print_report(screen, verdicts, assembled)
    return 0 if all(verdict.score == verdict.max_score for verdict in verdicts) else 1


def _reference_rooms(options: argparse.Namespace) -> tuple[str, ...]:
    if not options.on_reference:
        return ()
    if options.numbers not in ([3], [4]):
        raise UsageError(
            "--on-reference is for milestones 3 and 4: milestone 1 has none before it, and in milestone 2 forward and "
            "backward share an operation's attributes, so that half an operation can't come from the reference"
        )
    return rooms_before(options.numbers[0])


def raw(options: argparse.Namespace) -> int:
    """Plain pytest on the tree itself, in one process."""
    tree = check_tree(options.tree)
    folder = milestone_folder(options.numbers[0])
    if options.on_reference:
        raise UsageError("--raw runs the tree as it is: leave out --on-reference")
    paths = [folder]
    if options.task is not None:
        paths = sorted({check.path for check in find_task(load_milestone(options.numbers[0]), options.task).checks})
    command = [sys.executable, "-m", "pytest", "-p", "grader.inside.fixtures", "--import-mode=importlib"]
    arguments = [*command, *map(str, paths), *options.raw]
    return subprocess.run(arguments, env=worker_environment(tree.resolve()), cwd=REPOSITORY, check=False).returncode


def milestone(options: argparse.Namespace) -> int:
    """Grade one milestone, or hand it to plain pytest."""
    options.numbers = [options.number]
    return grade(options) if options.raw is None else raw(options)


def grade_all(options: argparse.Namespace) -> int:
    """Grade every milestone."""
    options.numbers, options.task, options.on_reference = milestone_numbers(), None, False
    return grade(options)


def hint(options: argparse.Namespace) -> int:
    """Show the next hint of a task."""
    print(next_hint(options.task))
    return 0


def python(options: argparse.Namespace) -> int:
    """Python with the tree importable."""
    tree = check_tree(options.tree)
    arguments = options.arguments[1:] if options.arguments[:1] == ["--"] else options.arguments
    return subprocess.run([sys.executable, *arguments], env=worker_environment(tree.resolve()), check=False).returncode


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
        sub.add_argument("--out", type=Path, default=REPOSITORY / ".course", help="the folder for results.json")
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
