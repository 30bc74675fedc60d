"""`nox -s replay`: what a recording of right answers earns in a run with a seed of its own; how far checks may move."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection

from grader.answer_key import moved_checks
from grader.course.milestones import Milestone, checks_of, find_task, load_milestone, milestone_numbers
from grader.course.mistakes import load_mistakes
from grader.course.moved import MODES, limits
from grader.files import write_whole
from grader.run.fork_server import forked
from grader.verdict.diagnosis import load_fingerprints
from proofs.figures import record
from proofs.runner import command

from .guard import SEEDS, farthest, lost, text_of
from .score import answers, passed, score

RUNS = (1, 2, 3)  # the seeds of the runs whose answers are tried on each other


def main() -> int:
    """Measure, or look how far each check may move; 1 where that is not what moved.json says."""
    parser = argparse.ArgumentParser(prog="nox -s replay --", description=__doc__)
    parser.add_argument("-m", "--milestone", type=int, choices=milestone_numbers(), help="only this one")
    parser.add_argument("tasks", nargs="*", metavar="TASK", help="with --limits: only these")
    parser.add_argument("--limits", action="store_true", help="how far each check may move (half an hour)")
    parser.add_argument("--write", action="store_true", help="with --limits: write moved.json")
    options = parser.parse_args()
    numbers = {options.milestone} if options.milestone else {find_task(name).id.milestone for name in options.tasks}
    milestones = [load_milestone(number) for number in milestone_numbers() if number in numbers or not numbers]
    if options.limits:
        return max([look_at_limits(milestone, options.tasks, options.write) for milestone in milestones])
    figures = [figure for milestone in milestones for figure in measure(milestone)]
    print("\n".join(figures))
    if options.milestone is None:
        record("replay", figures)
    return 0


def measure(milestone: Milestone) -> list[str]:
    """The score of the runs' answers with each other's keys, and the checks that they pass."""
    checks = {seed: moved_checks(milestone.checks, seed, forked) for seed in RUNS}
    recorded = {seed: answers(checks[seed], seed) for seed in RUNS}
    passing = [passed(checks[seed], seed, recorded[other]) for seed in RUNS for other in RUNS if seed != other]
    points = [score(milestone, names) for names in passing]
    always = set.intersection(*passing)
    print("".join(f"{name}: a recording passes it\n" for name in sorted(always)), end="")
    mean = sum(points) / len(points)
    return [
        f"milestone {milestone.number}: {mean:.1f} of 100 points (from {min(points):.1f} to {max(points):.1f}); "
        f"{len(always)} of {len(milestone.checks)} checks pass with each recording"
    ]


def look_at_limits(milestone: Milestone, ids: Collection[str], write: bool) -> int:
    """Find out how far the checks may move: of all tasks, or of some."""
    tasks = [task for task in milestone.exercises if not ids or task.id in ids]
    modes = farthest(checks_of(tasks), SEEDS, print)
    mistakes = [mistake for mistake in load_mistakes(milestone) if find_task(mistake.task) in tasks]
    caught = {name: list(outcomes) for name, outcomes in load_fingerprints(milestone).items()}
    while missed := lost(mistakes, caught, modes, SEEDS[0]):
        for name, unseen in missed.items():
            print(f"{name} misses {', '.join(unseen)} when it is {modes[name]}")
            modes[name] = MODES[MODES.index(modes[name]) - 1]
        mistakes = [mistake for mistake in mistakes if any(mistake.id in unseen for unseen in missed.values())]
    kept = text_of({**limits(milestone.folder), **modes})
    if write:
        write_whole(milestone.folder / "moved.json", kept)
        return 0
    differ = kept != text_of(limits(milestone.folder))
    print(f"milestone {milestone.number}: {'moved.json is out of step' if differ else 'as moved.json says'}")
    return int(differ)


if __name__ == "__main__":
    sys.exit(command(main))
