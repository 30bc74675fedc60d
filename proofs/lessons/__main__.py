"""`nox -s lessons`: proves that the lessons are true: what fences show, tables, figures, slopes, links, terms."""

from __future__ import annotations

import argparse
import functools
import os
import sys
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table

from grader.course.milestones import course
from grader.course.mistakes import Mistake, load_catalogue
from grader.errors import UsageError
from grader.files import write_whole
from grader.source.reference import reference
from grader.source.starter import generate
from grader.task_id import TaskId
from proofs.figures import record
from proofs.runner import command

from . import generated, links, pages, slopes
from .fences import run
from .pages import Page, Section
from .trees import Lost, package, run_each
from .visible import visible

SEEDS = (1, 2)  # what a fence shows must not depend on the generator, unless it sets the seed itself
LEAST_VISIBLE = 0.9  # of the catalogued mistakes

Fault = tuple[str, str]  # where, and what is wrong


def main() -> int:
    """Run what the command line asks for; 1 where something is not true, 2 for a wrong call."""
    arguments = command_line()
    os.environ["COURSE_COMMAND"] = "nox"
    console = Console(soft_wrap=True, highlight=False)
    chosen = [section for page in pages.fenced() for section in page.sections if is_chosen(section, arguments.only)]
    shown = list({section.page.path: section.page for section in chosen}.values())
    faults = list(wrong_fences(chosen))
    faults += in_own_process(functools.partial(renew, shown, arguments.write, figures=not arguments.only))
    faults += slopes.wrong_slopes(shown)
    faults += links.dead_links(shown if arguments.only else pages.linked())
    if not arguments.only:
        faults += links.unused_terms(pages.read(pages.GLOSSARY), pages.lessons())
    faults += measure(console, arguments, true=not faults)
    for where, what in faults:
        console.print(f"{where}: {what}", style="red", markup=False)
    fences = sum(len(section.fences) for section in chosen)
    console.print(f"{fences} fences run; {len(faults) or 'no'} fault{'' if len(faults) == 1 else 's'}")
    return 1 if faults else 0


def command_line() -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(prog="nox -s lessons --", description=__doc__)
    parser.add_argument("only", nargs="*", metavar="N", help="only milestones, such as 2, or tasks, such as 2.6")
    parser.add_argument("--write", action="store_true", help="draw tables again; of all: also figures, and the measure")
    parser.add_argument("--list", action="store_true", help="name the mistakes that the examples do not show")
    arguments = parser.parse_args()
    numbers = {str(milestone.number) for milestone in course()}
    unknown = set(arguments.only) - numbers - {task for milestone in course() for task in task_ids(milestone)}
    if unknown:
        raise UsageError(f"there is no milestone or task {', '.join(sorted(unknown))}")
    return arguments


def task_ids(milestone) -> list[str]:
    """The ids of a milestone's sections."""
    return [*(task.id for task in milestone.tasks), *milestone.extras]


def is_chosen(section: Section, only: Sequence[str]) -> bool:
    """Whether a section is to be tried."""
    return not only or section.task in only or (section.task is not None and str(section.task.milestone) in only)


def wrong_fences(sections: Sequence[Section]) -> Iterator[Fault]:
    """Where a section's fences do not show what they say."""
    jobs = {}
    for section in sections:
        if section.fences:
            jobs[section] = functools.partial(faults_of, section)
    for section, answer in run_each(jobs).items():
        if isinstance(answer, Lost):
            yield f"{section.page.name}, {section.title}", answer.reason
        else:
            yield from ((f"{section.page.name}:{line}", fault) for line, fault in answer.items())


def faults_of(section: Section) -> dict[int, str]:
    """What is wrong with a section's lines, in this process, which gets packages of its own."""
    trials = [run(section, package({}), seed) for seed in SEEDS]
    faults = {line: fault for trial in reversed(trials) for line, fault in trial.faults.items()}
    if section.task is not None and any(line.claim.now for line in trials[0].lines):
        faults |= run(section, package(unwritten(section.task)), SEEDS[0]).not_failing
    return dict(sorted(faults.items()))


def unwritten(task: TaskId) -> dict[str, str]:
    """The reference as a student has it who comes to a task: it and all later ones are stubs."""

    def is_later(exercise) -> bool:
        return not exercise.task_id.is_extra and exercise.task_id >= task

    return {file: generate(text, file, is_later) for file, text in reference().items()}


def renew(shown: Sequence[Page], write: bool, figures: bool) -> list[Fault]:
    """What is wrong with the tables of pages, and with figures, or what is left to mend once they are drawn again."""
    package({})
    texts = generated.tables_of(shown) | (generated.drawings() if figures else {})
    if write:
        for path, text in texts.items():
            write_whole(path, text)
    found = [*generated.unknown_tables(shown), *generated.stale(texts)]
    return found + list(generated.poor_figures(sorted(generated.FIGURES.glob("*.svg")) if figures else []))


def in_own_process(function):
    """What a function returns that needs the reference; this process stays without it."""
    answer = run_each({"it": function})["it"]
    return [("tables and figures", answer.reason)] if isinstance(answer, Lost) else answer


def measure(console: Console, arguments: argparse.Namespace, true: bool) -> list[Fault]:
    """Print the share of mistakes that the examples show; a fault where it is too small."""
    catalogue = load_catalogue(course())
    mistakes = [each for each in catalogue if is_asked(each, arguments.only)]
    if not mistakes:
        return []  # tasks such as 4.12 ask for nothing new
    seen = visible(mistakes, pages.lessons())
    table = Table("task", "mistakes", "seen in its examples", "share", box=None)
    for task in dict.fromkeys(each.task for each in mistakes):
        table.add_row(task, *counted([each for each in mistakes if each.task == task], seen))
    console.print(table)
    lines = []
    for number in dict.fromkeys(each.task.milestone for each in mistakes):
        own = [each for each in mistakes if each.task.milestone == number]
        lines.append(summary(f"milestone {number}", own, seen))
    lines.append(summary("all lessons", mistakes, seen))
    for line in lines:
        console.print(line)
    if arguments.list:
        for each in mistakes:
            if not seen[each.id]:
                console.print(f"{each.task} {each.id}: {each.title}", markup=False)
    if arguments.only:
        return []
    if arguments.write and true:
        record("lessons", lines)
    share = sum(seen.values()) / len(seen)
    too_small = f"the examples show {share:.1%} of the mistakes, and {LEAST_VISIBLE:.0%} are needed: -- --list"
    return [] if share >= LEAST_VISIBLE else [("lessons", too_small)]


def is_asked(mistake: Mistake, only: Sequence[str]) -> bool:
    """Whether a mistake belongs to what is to be tried."""
    return not only or mistake.task in only or str(mistake.task.milestone) in only


def counted(mistakes: Sequence[Mistake], seen: dict[str, bool]) -> tuple[str, str, str]:
    """How many there are, how many are seen, and the share."""
    count = sum(seen[each.id] for each in mistakes)
    return str(len(mistakes)), str(count), f"{100 * count / len(mistakes):.0f} %"


def summary(of: str, mistakes: Sequence[Mistake], seen: dict[str, bool]) -> str:
    """A line of the figures."""
    total, count, share = counted(mistakes, seen)
    return f"{of}: {count} of {total} mistakes change a value that the examples of their task show ({share})"


if __name__ == "__main__":
    sys.exit(command(main))
