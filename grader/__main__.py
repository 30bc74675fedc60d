"""The grader's command line; the nox sessions call it: `python -m grader milestone 2 --tree starter`."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from .command import COMMAND
from .course.milestones import Milestone, Task, check_tree, course, find_task, load_milestone, milestone_of, taken
from .errors import CourseError, UsageError
from .files import SOLUTIONS, STARTER, STATE
from .history import runs, way_made
from .option_types import seed
from .run.launch import started_ahead
from .source.package import PACKAGE
from .source.reference import write_starter
from .source.starter import differences
from .task_id import PATTERN
from .text import one_line

# Options of pytest's that take no further word.
FLAG = re.compile(r"--(pdb|trace|lf|ff|sw)|-[xvqsl]+|-r\w+|--[\w-]+=.*")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; its exit code."""
    # The nox sessions start Python isolated, so that no variable but this one reaches it.
    encoding = os.environ.get("PYTHONIOENCODING", "").partition(":")[0] or None
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding=encoding, errors="replace")  # where the terminal's encoding lacks a sign
    try:
        options = parse(sys.argv[1:] if arguments is None else arguments)
        code = options.command(options)
        sys.stdout.flush()
        return code
    except (CourseError, OSError) as error:
        broken = isinstance(error, BrokenPipeError)
        if not (forget_unprinted("\n" if broken else "") and broken):  # as `head` leaves when it has seen enough
            print(f"error: {one_line(str(error))}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130


def forget_unprinted(last: str) -> bool:
    """Whether this text and what waits can't be printed. If so, Python forgets it, and does not complain at its end."""
    try:
        print(last, end="", flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return True
    return False


def milestone(options: argparse.Namespace) -> int:
    """Grade one milestone, or some of its tasks, or run them in plain pytest."""
    chosen = load_milestone(options.number)
    tasks = _chosen_tasks(chosen, options.task)
    tree, on = check_tree(options.tree), chosen if options.on_reference else None
    if options.raw:
        from .desk.python import run_pytest

        return run_pytest(tree, chosen, tasks, on, options.arguments)
    return _grade(tree, tasks, on, options, shows=not options.fast)


def grade_all(options: argparse.Namespace) -> int:
    """Grade every milestone that counts, and the electives that are begun, or all."""
    tree = check_tree(options.tree)
    tasks = [task for milestone in course() if options.electives or not milestone.elective for task in milestone.tasks]
    begun = () if options.electives else _begun_electives(tree)
    code = _grade(tree, tasks, None, options, uncounted=[task for milestone in begun for task in milestone.tasks])
    if options.tree.resolve() == STARTER.resolve():
        from .practice.asking import wrapped

        for label, line in zip(("Way made", ""), way_made(runs()), strict=False):
            print(wrapped(line, mark=f"{label:11}"))
    return code


def _begun_electives(tree: Path) -> list[Milestone]:
    """The electives of which the tree has a written function."""
    if not any(milestone.elective for milestone in course()):
        return []
    from .run.assemble import state_of

    return [milestone for milestone in taken(state_of(tree)) if milestone.elective]


def _grade(
    tree: Path,
    tasks: list[Task],
    on: Milestone | None,
    options: argparse.Namespace,
    shows: bool = False,
    uncounted: Sequence[Task] = (),
) -> int:
    with started_ahead() as launch:
        # Here and not above: NumPy and rich take as long to import as a worker takes to start.
        from .desk.grading import grade_and_show

        return grade_and_show(tree, tasks, on, options.out, launch, options.fast, shows, options.html, uncounted)


def _chosen_tasks(chosen: Milestone, ids: list[str]) -> list[Task]:
    """The tasks that were asked for, in the milestone's order; all of them where none was."""
    for task_id in ids:
        owner = milestone_of(task_id)
        if owner != chosen:
            raise UsageError(f"task {task_id} belongs to {COMMAND} -s milestone{owner.number}")
        find_task(task_id)
    return [task for task in chosen.tasks if not ids or task.id in ids]


def hint(options: argparse.Namespace) -> int:
    """Show the next hint of a task."""
    from .practice.hint import run_hint

    tree = options.tree if options.tree == STARTER else check_tree(options.tree)  # a hint needs no tree
    return run_hint(tree, options.task, options.seed)


def watch(options: argparse.Namespace) -> int:
    """Grade a milestone on each save."""
    from .loop.watch import run_watch

    return run_watch(options.tree, options.which, options.on_reference, options.plain)


def todo(options: argparse.Namespace) -> int:
    """List what is not written yet."""
    from .loop.todo import show_todo

    return show_todo(check_tree(options.tree), options.which)


def predict(options: argparse.Namespace) -> int:
    """Ask what comes out, before it is shown."""
    from .practice.predict import named, run_predictions

    tree = check_tree(options.tree)
    if options.on_reference and options.which is not None:
        from .desk.on_reference import refuse

        refuse(named(options.which)[0])
    return run_predictions(tree, options.which, options.seed, options.on_reference)


def bug(options: argparse.Namespace) -> int:
    """Plant a mistake in a copy of the reference, and judge what the student says about it."""
    from .practice.bug import run_bug

    return run_bug(check_tree(options.tree), options.which, options.reveal, options.seed)


def python(options: argparse.Namespace) -> int:
    """Run a script, or open a prompt, with the tree importable."""
    from .desk.python import run_python

    return run_python(check_tree(options.tree), options.arguments, options.on_reference)


def explore(options: argparse.Namespace) -> int:
    """Write the page of a script's first backward."""
    from .desk.python import run_python

    if not options.script.is_file():
        raise UsageError(f"there is no file {options.script}. Try: {COMMAND} -s explore -- examples/line.py")
    called = ["-m", f"{PACKAGE}.explorer", str(options.script), "--out", str(options.out)]
    return run_python(check_tree(options.tree), called, options.on_reference)


def starter(options: argparse.Namespace) -> int:
    """Check the committed starter, or write a fresh one."""
    if options.to is not None:
        count = write_starter(options.to)
        print(f"{options.to}: {count} files of a fresh starter")
        return 0
    if not SOLUTIONS.is_dir():
        raise UsageError(f"name a folder for a fresh starter: {COMMAND} -s starter -- --to NEW")
    found = differences(SOLUTIONS, STARTER)
    print("\n".join(found) or "starter/ is what solutions/ generates")
    return 1 if found else 0


class Parser(argparse.ArgumentParser):
    """A parser that reports an error in one line, with the page that describes the command."""

    described = 'README.md, "Commands"'

    def error(self, message: str):
        """Raise what main() turns into that line."""
        raise UsageError(f"{message} (see {self.described})")


def parse(arguments: list[str]) -> argparse.Namespace:
    """The options of a call. What a command passes on, to Python or to pytest, is in `arguments`."""
    own, passed_on = arguments[1:], []
    if arguments[:1] == ["python"]:
        own, passed_on = _own_first(own)
    elif arguments[:1] == ["milestone"]:
        own, passed_on = _own_anywhere(own)
    options, unknown = _parser().parse_known_args([*arguments[:1], *own])
    if unknown:  # which the command's own parser leaves to the one around it, without a page of its own
        options.parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    options.arguments = passed_on
    return options


def _own_first(rest: list[str]) -> tuple[list[str], list[str]]:
    """`python`: our options come first; with the first that is none of ours begins what is Python's."""
    position = 0
    while position < len(rest) and rest[position].split("=")[0] in ("--tree", "--on-reference"):
        position += 2 if rest[position] == "--tree" else 1
    return rest[:position], rest[position:]


def _own_anywhere(rest: list[str]) -> tuple[list[str], list[str]]:
    """`milestone`: our options come anywhere, and a bare word is a task; after `--raw`, the rest is pytest's, but for
    tasks that no option of pytest's can take for its value."""
    own, passed_on, words, numbers = [], [], iter(rest), []
    for word in words:
        if word in ("--task", "--tree", "--out"):
            own += [word, *(value for value in [next(words, None)] if value is not None)]
        elif word in ("--on-reference", "--raw") or word.startswith(("--task=", "--tree=", "--out=")):
            own.append(word)
        elif "--raw" in own and not (re.fullmatch(PATTERN, word) and all(map(FLAG.fullmatch, passed_on[-1:]))):
            passed_on.append(word)
        elif word.startswith("-") or not numbers:
            own.append(word)
            numbers += [] if word.startswith("-") else [word]  # the first bare word is the milestone's number
        else:
            own.append(f"--task={word}")
    return own, passed_on


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="grader", description=__doc__, allow_abbrev=False)
    commands = parser.add_subparsers(required=True, metavar="command")

    def command(name: str, function) -> Parser:
        sub = commands.add_parser(name, help=function.__doc__, allow_abbrev=False)
        sub.set_defaults(command=function, parser=sub)
        return sub

    def takes_tree(sub: argparse.ArgumentParser) -> argparse.ArgumentParser:
        sub.add_argument("--tree", type=Path, default=STARTER, help="the folder to use (default: starter)")
        return sub

    def takes_out(sub: argparse.ArgumentParser) -> argparse.ArgumentParser:
        sub.add_argument("--out", type=Path, default=STATE, help="the folder for results.json")
        sub.add_argument("--html", action="store_true", help="write the report as a page, next to results.json")
        sub.add_argument("--fast", action="store_true", help="the verdict alone, without a search for the faults")
        return sub

    def takes_reference(sub: argparse.ArgumentParser) -> argparse.ArgumentParser:
        sub.add_argument("--on-reference", action="store_true", help="rooms of earlier milestones from the reference")
        return sub

    one = takes_reference(takes_out(takes_tree(command("milestone", milestone))))
    one.add_argument("number", type=int)
    one.add_argument("--task", action="append", default=[], help="only this one, such as 2.3; may be repeated")
    one.add_argument("--raw", action="store_true", help="plain pytest; what is not ours is passed on to it")
    every = takes_out(takes_tree(command("grade", grade_all)))
    every.add_argument("--electives", action="store_true", help="also electives of which nothing is written yet")
    ladder = takes_tree(command("hint", hint))
    ladder.add_argument("task", help="such as 2.3")
    ladder.add_argument("--seed", type=seed, help="shuffle the lines of a problem in the same way again")
    loop = takes_reference(takes_tree(command("watch", watch)))
    loop.add_argument("which", nargs="?", help="a milestone, such as 2; without it, that of the first open TODO")
    loop.add_argument("--plain", action="store_true", help="a line after the other, not one screen in place")
    listed = takes_tree(command("todo", todo))
    listed.add_argument("which", nargs="?", help="of a milestone, such as 2, or a task, such as 2.6; without it, all")
    practice = takes_reference(takes_tree(command("predict", predict)))
    some = "of a milestone, such as 2, or a task, such as 2.3; without it, what is due, or the next task's questions"
    practice.add_argument("which", nargs="?", help=some)
    practice.add_argument("--seed", type=seed, help="draw the same numbers again")
    planted = takes_tree(command("bug", bug))
    planted.add_argument("which", nargs="?", help="plant a new one: of a milestone, such as 2, or a task, such as 2.3")
    planted.add_argument("--reveal", action="store_true", help="say where it is and what is wrong")
    planted.add_argument("--seed", type=seed, help="plant the same one again")
    takes_reference(takes_tree(command("python", python)))
    page = takes_reference(takes_tree(command("explore", explore)))
    page.add_argument("script", type=Path, help="it calls backward(), or nf.explore() itself")
    page.add_argument("--out", type=Path, default=STATE / "explorer.html", help="the page")
    command("starter", starter).add_argument("--to", type=Path, help="write a fresh starter into a new folder")
    if (Path(__file__).parent / "classroom").is_dir():  # not where the course was handed out
        from .classroom.parser import add_commands

        def of_classes(name: str, function) -> Parser:
            sub = command(name, function)
            sub.described = "docs/instructors.md"
            return sub

        add_commands(of_classes)
    return parser


if __name__ == "__main__":
    sys.exit(main())
