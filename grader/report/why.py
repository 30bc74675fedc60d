"""What a student reads of where a task goes wrong, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.command import COMMAND
from grader.explain.explanation import Change, Explanation, Fault, SmallestCase, Unit
from grader.text import one_line
from grader.verdict.diagnosis import CONFIDENT, Diagnosis
from grader.verdict.judge import CheckVerdict, TaskVerdict

from .words import BAD, GOOD, HINT, QUIET, Line, Words, listed, plain_line

CERTAIN = 0.9  # a mistake that reproduces less of what goes wrong is only perhaps the student's
CLOSE = 0.1  # mistakes whose confidences differ by less are named together
FAULTS_SHOWN, HELPERS_SHOWN, TITLES_SHOWN = 4, 3, 5
CHANGES_SHOWN, LONGEST_LINE = 6, 120  # of given code that was changed


def plainest(task: TaskVerdict, explanation: Explanation | None) -> CheckVerdict | None:
    """The failing check to show: one that did not end, or the first fault's first, but not one about empty arrays."""
    if explanation is None or not explanation.faults:
        return task.first_failure
    failing = [verdict for verdict in task.checks if not verdict.passed]
    first = explanation.faults[0]
    alone = first.alone or first.checks
    chosen = [verdict for verdict in failing if verdict.check.id in alone]
    return min(chosen, key=lambda each: (not _timed_out(each), _is_about_nothing(each)))


def _timed_out(verdict: CheckVerdict) -> bool:
    return verdict.failure is not None and verdict.failure.timeout and not verdict.failure.again


def _is_about_nothing(verdict: CheckVerdict) -> bool:
    """Whether a check is about empty arrays or numbers without axes, which show little."""
    return any(word in verdict.check.name for word in ("empty", "0d", "size_0")) or "[]" in (verdict.expected or "")


def where(task: TaskVerdict, explanation: Explanation, tree: str) -> Iterator[Line]:
    """The functions at fault, and what no function explains."""
    count, rest = len(explanation.failing), len(task.checks) - task.passed - len(explanation.failing)
    for fault in explanation.faults[:FAULTS_SHOWN]:
        mended = len(fault.checks)
        checks = "the failing check passes" if count == 1 else f"{mended} of the {count} failing checks pass"
        if mended == count > 1:
            checks = "both failing checks pass" if count == 2 else f"all {count} failing checks pass"
        tried = f"; {rest} more took too long to be tried" if rest else ""
        words = Words(f"\n(with the reference's version {checks}{tried})", QUIET)
        yield Line("at fault", (Words(place(fault, tree, task), HINT), words))
        for helper in fault.helpers[:HELPERS_SHOWN]:
            yield plain_line("", f"it calls your own {helper.name}, {_file(helper, tree)}:{helper.line}")
        if fault.change is not None:
            yield from _changed(fault, fault.change)
        if fault.smallest is not None:
            yield _smallest(fault.smallest)
    if len(explanation.faults) > FAULTS_SHOWN:
        yield plain_line("", f"and {len(explanation.faults) - FAULTS_SHOWN} more functions", QUIET)
    for fault in explanation.follows:
        yield plain_line("follows", f"{_checks(len(fault.checks))} from {place(fault, tree, task)}", QUIET)
    if explanation.more:
        yield plain_line("", "there was no time to look further: there may be more", QUIET)
    elif explanation.left and explanation.faults:
        yield plain_line("", f"{_checks(len(explanation.left))} with no single function at fault", QUIET)
    elif explanation.left:
        yield plain_line("at fault", "no single function: none of the reference's makes a failing check pass", QUIET)


def _changed(fault: Fault, change: Change) -> Iterator[Line]:
    """What became of a given function, and how to get it back."""
    shown = [one_line(line)[:LONGEST_LINE] for line in change.lines[:CHANGES_SHOWN]]
    if len(change.lines) > CHANGES_SHOWN:
        shown.append(f"and {len(change.lines) - CHANGES_SHOWN} more lines")
    if shown:
        yield plain_line("changed", "\n".join(shown))
    where = one_line(f"NEW/{fault.unit.file}:{change.line}")
    yield plain_line("get it back", f"{COMMAND} -s starter -- --to NEW, and copy it from {where}", QUIET)


def _smallest(case: SmallestCase) -> Line:
    """The smallest case, to be tried at the prompt."""
    inputs = ", ".join(f"{name} = {value}" for name, value in case.inputs)
    text = one_line(f"{case.expression}{f' with {inputs}' if inputs else ''}")
    text += f", upstream {one_line(case.upstream)}" if case.upstream is not None else ""
    what = f"{case.what} = " if case.what else ""
    return Line(
        "smallest",
        (
            Words(f"{text}\n"),
            Words(f"yours {what}{one_line(case.yours)}", BAD),
            Words(f"\nright {what}{one_line(case.right)}", GOOD),
        ),
    )


def others(task: TaskVerdict, shown: CheckVerdict) -> Iterator[Line]:
    """The titles of the other failing checks that ran into no stub."""
    titles = [each.check.sentence for each in task.checks if not each.passed and each is not shown and not each.stub]
    for position, title in enumerate(titles[:TITLES_SHOWN]):
        yield plain_line("" if position else "also fails", title, QUIET)
    if len(titles) > TITLES_SHOWN:
        yield plain_line("", f"and {len(titles) - TITLES_SHOWN} more", QUIET)


def place(fault: Fault, tree: str, task: TaskVerdict | None = None) -> str:
    """A function at fault, and where it is. task: whose functions need no number."""
    unit = fault.unit
    file = _file(unit, tree)
    text = f"{unit.name}, {file}:{unit.line}" if unit.line is not None else f"{unit.name}, which {file} lacks"
    if unit.task is None:
        text += ", given code that was changed"
    elif task is None or unit.task != task.task.id:
        text += f", task {unit.task}"
    if fault.twin:
        method = unit.name.rpartition(".")[2]
        text += ", or what its backward needs" if method == "forward" else ", or what its forward keeps for it"
    return text


def _file(unit: Unit, tree: str) -> str:
    return one_line(f"{tree}/{unit.file}")


def consequences(explanations: dict, tree: str) -> Iterator[Line]:
    """A line for the tasks that fail only through the same earlier faults."""
    groups: dict[tuple, list[str]] = {}
    for task_id, explanation in explanations.items():
        if explanation.consequence:
            origins = tuple(dict.fromkeys(place(fault, tree) for fault in explanation.follows))
            groups.setdefault(origins, []).append(task_id)
    for origins, tasks in groups.items():
        verb = "follow" if len(tasks) > 1 else "follows"
        yield plain_line("follows", f"{listed('task', tasks)} {verb} from {'; '.join(origins)}")


def cause(task: TaskVerdict, failure: CheckVerdict, explanation: Explanation | None) -> tuple[Words, ...]:
    """The mistake with its explanation, or where else to look; nothing where the error itself says it all."""
    if explanation is not None and explanation.faults:
        return tuple(_named(explanation.faults, failure))
    if explanation is not None and not explanation.more:
        known = evident(failure)
        return (Words(known, HINT),) if known is not None else ()
    return tuple(_likeness(task.diagnosis, failure)) if task.diagnosis is not None else ()


def explained(task: TaskVerdict, explanation: Explanation | None) -> bool:
    """Whether a function at fault, a known mistake, an earlier task or the failure itself says what is wrong."""
    if explanation is not None and (explanation.faults or explanation.follows):
        return True
    return task.diagnosis.explained or evident(task.first_failure) is not None


def _checks(count: int) -> str:
    return f"{count} checks" if count > 1 else "1 check"


def _named(faults: Sequence[Fault], failure: CheckVerdict) -> Iterator[Words]:
    """The mistakes of the functions at fault: those that are sure in full, of the others the titles."""
    named = [each for fault in faults for each in fault.named or ()]
    sure = [each for each in named if each.confidence >= CERTAIN]
    end = ""
    for each in sure:
        yield Words(f"{end}almost certainly: {each.mistake.title}\n", HINT)
        yield Words(" ".join(each.mistake.explanation.split()))
        end = "\n"
    for each in [each for each in named if each not in sure]:
        yield Words(f"{end}perhaps: {each.mistake.title}", HINT)
        end = "\n"
    for note in dict.fromkeys(fault.since for fault in faults if fault.since):
        yield Words(f"{end}{note}")
        end = "\n"
    if not named and not failure.says_nothing:
        known = evident(failure)
        if known is not None:
            yield Words(known, HINT)
        elif faults[0].named is not None and faults[0].unit.task is not None and faults[0].smallest is None:
            yield Words("not among the known mistakes: compare what you got with what was expected", QUIET)


def _likeness(diagnosis: Diagnosis, failure: CheckVerdict) -> Iterator[Words]:
    """What a task's failing checks resemble, where no function at fault is known."""
    if diagnosis.follows_from:
        origins = [
            origin.mistake.task + (f": {origin.mistake.title}" if origin.confidence >= CONFIDENT else "")
            for origin in diagnosis.follows_from
        ]
        yield Words(f"follows from {'; '.join(origins)}", HINT)
        return
    first, *others = diagnosis.suspicions or (None,)
    named = first is not None and bool(first.checks)
    known = None if named else evident(failure)
    if known is not None:
        yield Words(known, HINT)
    elif diagnosis.behind is not None:
        end = "\n" if named else ""
        yield Words(f"fix {diagnosis.behind} first: this failure may be a consequence of it{end}", HINT)
    elif not named and not failure.reason:
        yield Words("no known mistake matches", QUIET)
    if named:
        close = [other for other in others if other.confidence > first.confidence - CLOSE]
        certain = certainty(min(first.confidence, CONFIDENT) if close else first.confidence)
        yield Words(f"{certain}: {first.mistake.title}\n", HINT)
        yield Words(" ".join(first.mistake.explanation.split()))
        for other in close:
            yield Words(f"\nor: {other.mistake.title}", QUIET)


def evident(failure: CheckVerdict) -> str | None:
    """What a failure shows without any catalogue: something was not returned, or not stored."""
    lacking = failure.failure.attribute if failure.failure is not None else None
    lacking = lacking and tuple(map(one_line, lacking))
    if failure.got in ("None", "NoneType") or "a NoneType" in failure.got or (lacking and lacking[0] == "NoneType"):
        return "a value is None: did you forget a `return`, or to store something?"
    if failure.failure is not None and failure.failure.type == "TypeError" and "NoneType" in failure.failure.message:
        return "a value is None: did you forget a `return`, or to store something?"
    if lacking and failure.frames and f"self.{lacking[1]}" in failure.frames[-1].source:
        return f"{lacking[0]} never sets self.{lacking[1]}: store it in forward"
    return None


def certainty(confidence: float) -> str:
    """A confidence between 0 and 1 in words."""
    return "almost certainly" if confidence >= CERTAIN else "probably" if confidence >= CONFIDENT else "perhaps"
