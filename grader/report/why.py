"""What a student reads of where a task goes wrong, and why."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from grader.command import COMMAND
from grader.course.mistakes import Mistake
from grader.explain.explanation import Change, Explanation, Fault, Named, SmallestCase, Unit
from grader.text import one_line
from grader.verdict.diagnosis import CONFIDENT, Diagnosis, Suspicion
from grader.verdict.judge import CheckVerdict, TaskVerdict

from .words import BAD, GOOD, HINT, QUIET, Line, Words, listed, plain_line

CERTAIN = 0.9  # a mistake that reproduces less of what goes wrong is only perhaps the student's
CLOSE = 0.1  # mistakes whose confidences differ by less are named together
IS_NONE = "a value is None: did you forget a `return`, to store something, or that an argument may be left out?"
FAULTS_SHOWN, HELPERS_SHOWN, SMALLEST_SHOWN = 5, 3, 2
TITLES_SHOWN, ERROR_SHOWN = 80, 120  # characters of other checks' titles, and of an error
CHANGES_SHOWN, LONGEST_LINE = 6, 120  # of given code that was changed
LINE_LENGTH, NAMED_SAVES, DRAWN_COST = 80, 3, 3  # what a check costs its reader
GENERAL = ("forward", "backward", "update", "__init__")  # names of methods that say nothing without their class


def plainest(task: TaskVerdict, explanation: Explanation | None) -> CheckVerdict | None:
    """The failing check to show: of those that the first fault explains one that did not end, or the shortest; not one
    about empty arrays, or about loops that never ran; and values before gradients."""
    if explanation is None or not explanation.faults:
        return task.first_failure
    failing = [verdict for verdict in task.checks if not verdict.passed]
    first = explanation.faults[0]
    alone = first.alone or first.checks
    chosen = [verdict for verdict in failing if verdict.check.id in alone]

    def order(each: CheckVerdict) -> tuple:
        return not _timed_out(each), _shows_little(each), _of_a_gradient(each), _effort(each, first.unit)

    return min(chosen, key=order)


def _effort(verdict: CheckVerdict, unit: Unit) -> float:
    """How much there is to read, in lines; less where the check names the function at fault, more where its numbers are
    drawn at random and can't be followed by hand."""
    source = verdict.check.source(verdict.line)
    lines = len(source) + len(verdict.got + (verdict.expected or "")) / LINE_LENGTH
    lines += DRAWN_COST * any("rng" in line for _, line in source)
    owner, _, name = unit.name.rpartition(".")
    name = owner if name in GENERAL else name
    named = name.replace("_", "").lower() in verdict.check.name.replace("_", "")
    named |= "_" in name and name in verdict.check.description
    in_check = verdict.failure is not None and not verdict.frames  # an error there is a riddle
    return lines - NAMED_SAVES * named + (verdict.turn[1] > 1) + 2 * in_check


def _timed_out(verdict: CheckVerdict) -> bool:
    return verdict.failure is not None and verdict.failure.timeout and not verdict.failure.again


def _of_a_gradient(verdict: CheckVerdict) -> bool:
    """Whether a check stopped where it looks at a gradient."""
    return "grad" in _stopped_at(verdict)


def _stopped_at(verdict: CheckVerdict) -> str:
    """The statement of a check that was the last to run."""
    return "\n".join(line for number, line in verdict.check.source(verdict.line) if number >= (verdict.line or 0))


def _shows_little(verdict: CheckVerdict) -> bool:
    """Whether a check is about empty arrays or numbers without axes, stopped before it counted Python's steps, or is
    about what is refused, and stopped at what is not."""
    words = ("empty", "nothing", "0d", "size_0", "of_0", *(("no_loop",) if verdict.failure is not None else ()))
    words += ("refused",) if "see.raises" not in _stopped_at(verdict) else ()
    return any(word in verdict.check.name for word in words) or "[]" in (verdict.expected or "")


def where(task: TaskVerdict, explanation: Explanation, tree: str) -> Iterator[Line]:
    """The functions at fault, and what no function explains."""
    for fault in explanation.faults[:FAULTS_SHOWN]:
        share = Words(_explains(fault, task, explanation), QUIET)
        yield Line("at fault", (Words(place(fault, tree, task), HINT), share))
        for helper in fault.helpers[:HELPERS_SHOWN]:
            yield plain_line("", f"it calls your own {helper.name}, {_file(helper, tree)}:{helper.line}")
        if fault.change is not None:
            yield from _changed(fault, fault.change)
    if len(explanation.faults) > FAULTS_SHOWN:
        others = len(explanation.faults) - FAULTS_SHOWN
        yield plain_line("", f"and {others} more {'functions' if others > 1 else 'function'}", QUIET)
    for fault in explanation.follows:
        yield plain_line("follows", f"{_checks(len(fault.checks))} from {place(fault, tree, task)}", QUIET)
    if explanation.more:
        yield plain_line("", "there was no time to look further: there may be more", QUIET)
    elif explanation.left and explanation.faults:
        yield plain_line("", f"{_checks(len(explanation.left))} with no single function at fault", QUIET)
    elif explanation.left and explanation.slow:
        text = "not found: a check took too long to be tried with the reference's functions"
        yield plain_line("at fault", text, QUIET)
    elif explanation.left:
        yield plain_line("at fault", "no single function: none of the reference's makes a failing check pass", QUIET)


def _explains(fault: Fault, task: TaskVerdict, explanation: Explanation) -> str:
    """How many of all failing checks pass with the reference's version of a function, and what became of those that
    were not tried; nothing where one check fails."""
    failing = [verdict for verdict in task.checks if not verdict.passed]
    mended, count = len(fault.checks), len(failing)
    if count == 1:
        return ""
    unwritten = sum(verdict.stub is not None for verdict in failing if verdict.check.id not in explanation.failing)
    untried = count - len(explanation.failing) - unwritten
    checks = f"{mended} of {count} checks"
    if mended == count:
        checks = f"{'both' if count == 2 else f'all {count}'} checks"
    if unwritten:
        checks += f"; {unwritten} {'stop' if unwritten > 1 else 'stops'} at what is not written yet"
    if untried:
        checks += f"; {untried} took too long to be tried"
    return f"   (explains {checks})"


def _changed(fault: Fault, change: Change) -> Iterator[Line]:
    """What became of a given function, and how to get it back."""
    shown = [one_line(line)[:LONGEST_LINE] for line in change.lines[:CHANGES_SHOWN]]
    if len(change.lines) > CHANGES_SHOWN:
        shown.append(f"and {len(change.lines) - CHANGES_SHOWN} more lines")
    if shown:
        yield plain_line("changed", "\n".join(shown))
    where = one_line(f"NEW/{fault.unit.file}:{change.line}")
    yield plain_line("get it back", f"{COMMAND} -s starter -- --to NEW, and copy it from {where}", QUIET)


def smallest(explanation: Explanation, failure: CheckVerdict) -> Iterator[Line]:
    """The smallest cases of the functions whose repair helps most, to be typed at the prompt."""
    shown = [fault for fault in explanation.faults if fault.smallest is not None]
    for fault in shown[:SMALLEST_SHOWN]:
        case = fault.smallest
        yours, right = f"yours {_yours(case, failure)}", f"right {shortened(case.right)}"
        end = "   " if len(yours + right) < LINE_LENGTH else "\n"
        code = Words("\n".join(map(one_line, case.code)) + "\n")
        of = Words(f"of {fault.unit.name}:\n" if len(explanation.faults) > 1 else "", QUIET)
        yield Line("smallest", (of, code, Words(yours, BAD), Words(f"{end}{right}", GOOD)))


def _yours(case: SmallestCase, failure: CheckVerdict) -> str:
    """What comes of a case; an error that the block shows already is not told twice."""
    if failure.failure is not None and _letters(case.yours) == _letters(str(failure.failure).partition("\n")[0]):
        return "the same error"
    return shortened(case.yours)


def _letters(text: str) -> str:
    """A text without its numbers, and the shapes that they make."""
    return re.sub(r"[\W\d]+", "", text)


def shortened(text: str) -> str:
    """A text on one line; a long one up to the end of a sentence, or else of a word."""
    text = one_line(text)
    if len(text) <= ERROR_SHOWN:
        return text
    begins = text[:ERROR_SHOWN]
    end = max(begins.rfind(mark) for mark in (". ", "; ")) + 1 or begins.rfind(" ")
    return f"{begins[: end if end > 0 else ERROR_SHOWN].rstrip(';,:')} …"


def others(task: TaskVerdict, shown: CheckVerdict) -> Iterator[Line]:
    """The titles of the other failing checks that ran into no stub, as many as one line holds."""
    titles = [each.check.sentence for each in task.checks if not each.passed and each is not shown and not each.stub]
    text = ""
    for position, title in enumerate(titles):
        if text and len(text) + len(title) > TITLES_SHOWN:
            text += f"; and {len(titles) - position} more"
            break
        text += f"; {title}" if text else title
    if text:
        yield plain_line("also fails", text, QUIET)


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
    groups: dict[str, list[str]] = {}
    for task_id, explanation in explanations.items():
        if explanation.consequence:
            groups.setdefault(origins(explanation, tree), []).append(task_id)
    for faults, tasks in groups.items():
        verb = "follow" if len(tasks) > 1 else "follows"
        yield plain_line("follows", f"{listed('task', tasks)} {verb} from {faults}")


def origins(explanation: Explanation, tree: str) -> str:
    """The faults of earlier tasks from which a failure follows."""
    return "; ".join(dict.fromkeys(place(fault, tree) for fault in explanation.follows))


def causes(
    task: TaskVerdict, failure: CheckVerdict, explanation: Explanation | None
) -> tuple[tuple[Words, ...], tuple[Words, ...]]:
    """What is surely wrong, in full, and what else may be; both are nothing where the error itself says it all."""
    if explanation is not None and explanation.faults:
        sure, perhaps = tuple(_sure(explanation.faults, failure)), tuple(_perhaps(explanation.faults))
        if not sure and not perhaps and any(fault.named is None for fault in explanation.faults):
            text = "not looked for, as the time was up: grade once more, one task alone, or on an idle machine"
            perhaps = (Words(text, QUIET),)
        return sure, perhaps
    if explanation is not None and not explanation.more:
        known = evident(failure)
        return ((Words(known, HINT),) if known is not None else ()), ()
    told = tuple(_likeness(task.diagnosis, failure)) if task.diagnosis is not None else ()
    return (told, ()) if told and told[0].text.startswith(certainty(1.0)) else ((), told)


def explained(task: TaskVerdict, explanation: Explanation | None) -> bool:
    """Whether a function at fault, a known mistake, an earlier task or the failure itself says what is wrong."""
    if explanation is not None and (explanation.faults or explanation.follows):
        return True
    return task.diagnosis.explained or evident(task.first_failure) is not None


def _checks(count: int) -> str:
    return f"{count} checks" if count > 1 else "1 check"


def _sure(faults: Sequence[Fault], failure: CheckVerdict) -> Iterator[Words]:
    """The mistakes of the functions at fault that are sure, or what the failure shows where none is named.

    The first is explained: its repair helps most. Of the others, the titles fit above the failing check.
    """
    end, explained = "", False
    for fault in faults:
        sure = [each for each in fault.named or () if each.confidence >= CERTAIN]
        for each in sure:
            yield Words(f"{end}almost certainly{_in(each.mistake, faults)}: {each.mistake.title}", HINT)
            if not explained:
                yield Words("\n" + " ".join(each.mistake.explanation.split()))
            end, explained = "\n", True
        if sure and fault.since:
            yield Words(f"{end}{fault.since}")
    named = any(fault.named for fault in faults)
    known = evident(failure) if not named and not failure.says_nothing else None
    if known is not None:
        yield Words(known, HINT)


def _perhaps(faults: Sequence[Fault]) -> Iterator[Words]:
    """The titles of the mistakes that are not sure."""
    end = ""
    for fault in faults:
        unsure = [each for each in fault.named or () if each.confidence < CERTAIN]
        for each in unsure:
            yield Words(f"{end}perhaps{_in(each.mistake, faults)}: {each.mistake.title}", HINT)
            end = "\n"
        if fault.since and len(unsure) == len(fault.named or ()):
            yield Words(f"{end}{fault.since}")


def _in(mistake: Mistake, faults: Sequence[Fault]) -> str:
    """Which function a mistake is of, where several may be at fault and its title does not say it."""
    name = mistake.function.partition(":")[2]
    several = {mistake.function, *(fault.unit.function for fault in faults)}
    return f", in {name}" if len(several) > 1 and name not in mistake.title else ""


def _likeness(diagnosis: Diagnosis, failure: CheckVerdict) -> Iterator[Words]:
    """What a task's failing checks resemble, where no function at fault is known."""
    if diagnosis.follows_from:
        origins = [
            origin.mistake.task + (f": {origin.mistake.title}" if origin.confidence >= CONFIDENT else "")
            for origin in diagnosis.follows_from
        ]
        yield Words(f"follows from {'; '.join(origins)}", HINT)
        return
    first, close, certain = likeliest(diagnosis)
    named = first is not None
    known = None if named else evident(failure)
    if known is not None:
        yield Words(known, HINT)
    elif diagnosis.behind is not None:
        end = "\n" if named else ""
        yield Words(f"fix {diagnosis.behind} first: this failure may be a consequence of it{end}", HINT)
    elif not named and not failure.reason:
        yield Words("no known mistake matches", QUIET)
    if named:
        yield Words(f"{certain}: {first.mistake.title}\n", HINT)
        yield Words(" ".join(first.mistake.explanation.split()))
        for other in close:
            yield Words(f"\nor: {other.mistake.title}", QUIET)


def likeliest(diagnosis: Diagnosis) -> tuple[Suspicion | None, list[Suspicion], str]:
    """The mistake that failing checks resemble most, those that are as likely, and how sure it is; None if none is."""
    first, *others = diagnosis.suspicions or (None,)
    if first is None or not first.checks:
        return None, [], ""
    close = [other for other in others if other.confidence > first.confidence - CLOSE]
    return first, close, certainty(min(first.confidence, CONFIDENT) if close else first.confidence)


def surest(task: TaskVerdict, explanation: Explanation | None) -> tuple[Mistake, str, SmallestCase | None] | None:
    """The mistake to speak about first, how sure it is, and the smallest case of its function; None without one."""
    if explanation is not None and (explanation.faults or not explanation.more):
        named = [(each, fault.smallest) for fault in explanation.faults for each in fault.named or ()]
        each, case = max(named, key=lambda one: one[0].confidence, default=(None, None))
        return None if each is None else (each.mistake, _whether_sure(each), case)
    if task.diagnosis is None or task.diagnosis.follows_from:
        return None
    first, _, certain = likeliest(task.diagnosis)
    return None if first is None else (first.mistake, certain, None)


def _whether_sure(named: Named) -> str:
    return certainty(1.0 if named.confidence >= CERTAIN else 0.0)


def evident(failure: CheckVerdict) -> str | None:
    """What a failure shows without any catalogue: something was not returned, or not stored."""
    lacking = failure.failure.attribute if failure.failure is not None else None
    lacking = lacking and tuple(map(one_line, lacking))
    if failure.got in ("None", "NoneType") or "a NoneType" in failure.got or (lacking and lacking[0] == "NoneType"):
        return IS_NONE
    kind = failure.failure.type if failure.failure is not None else ""
    if kind in ("TypeError", "AttributeError") and "NoneType" in failure.failure.message:
        if kind == "AttributeError" and failure.frames and ".grad." in failure.frames[-1].source:
            return "a grad is None, as it is until backward reaches its tensor"
        return IS_NONE
    # What begins with an underscore is the course's own to store, and its error says more.
    own = lacking is not None and not lacking[1].startswith("_")
    asked = [f"self.{lacking[1]}" in frame.source for frame in failure.frames[-2:]] if own else []
    if any(asked):  # a Module has a __getattr__, where the error ends
        return f"{lacking[0]} never sets self.{lacking[1]}: store it in {'forward' if asked[-1] else '__init__'}"
    return None


def certainty(confidence: float) -> str:
    """A confidence between 0 and 1 in words."""
    return "almost certainly" if confidence >= CERTAIN else "probably" if confidence >= CONFIDENT else "perhaps"
