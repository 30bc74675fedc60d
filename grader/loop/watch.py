"""`nox -s watch -- 2`: grades on each save, the changed task first, and shows one task at a time."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.text import Text

from grader.command import COMMAND
from grader.course.milestones import Milestone, Task, check_tree, course, find_task, load_milestone, milestone_of
from grader.desk.explored import script_of
from grader.desk.on_reference import refuse
from grader.errors import UsageError
from grader.explain.explanation import Explanation
from grader.files import REPOSITORY, STATE, shown_path, tree_option, write_whole
from grader.report.screen import STATE_STYLES, show, show_tables
from grader.report.story import points, story
from grader.source.state import TreeState
from grader.task_id import TaskId
from grader.text import one_line
from grader.verdict.judge import DONE, IN_PROGRESS, MilestoneVerdict, TaskVerdict

from .keys import END, Keys
from .rounds import Desk, Ended, Explained, Failed, Judged, Round, Workers
from .saves import Watcher, changed_files, contents, tasks_of_change
from .screen import Screen
from .todo import open_stubs

TICK = 0.05  # seconds between two looks at the keys
KEYS = (("n", "next"), ("h", "hint"), ("e", "explore"), ("p", "predict"), ("l", "list"), ("r", "run"), ("q", "quit"))
EXAMPLE = REPOSITORY / "examples" / "line.py"
CALLED = (sys.executable, "-I", "-X", "utf8", "-m", "grader")  # the course's command line
SMALLEST = STATE / "smallest.py"  # the smallest case that goes wrong, as a script


@dataclass(frozen=True)
class Saved:
    """A file of the tree may have been saved."""


def run_watch(tree: Path, which: str | None, on_reference: bool, plain: bool) -> int:
    """Grade on each save until q is pressed."""
    milestone, task = chosen(check_tree(tree), which)
    if on_reference:
        refuse(milestone)
    with ended_in_order():
        return Watch(Desk(tree, milestone, on_reference, Workers()), task, plain).run()


def chosen(tree: Path, which: str | None) -> tuple[Milestone, TaskId | None]:
    """The milestone to watch, and the task to begin with: as asked for, or where the first open TODO is."""
    if which is None:
        todo = [stub.task_id for stub in open_stubs(tree) if not stub.task_id.is_extra]
        return (milestone_of(todo[0]), todo[0]) if todo else (course()[-1], None)
    try:
        if which.isascii() and which.isdigit():
            return load_milestone(int(which)), None
        return milestone_of(which), find_task(which).id
    except UsageError as error:
        raise UsageError(f"{error}. Try: {COMMAND} -s watch -- 2") from None


@contextlib.contextmanager
def ended_in_order() -> Iterator[None]:
    """A signal that would end this process at once lets it leave the terminal as it was."""

    def end(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    with handled(end, "SIGTERM", "SIGHUP"):
        yield


@contextlib.contextmanager
def handled(handler: Callable[[int, object], None], *names: str) -> Iterator[None]:
    """A handler for those of these signals that the system has."""
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, handler_before in before.items():
            signal.signal(number, handler_before)


class Watch:
    """The loop: what is known of the milestone, the task that is shown, and what is to be done next."""

    def __init__(self, desk: Desk, task: TaskId | None, plain: bool):
        self.desk, self.shown = desk, task
        self.screen, self.keys = Screen(plain), Keys()
        self.events: queue.SimpleQueue[object] = queue.SimpleQueue()
        self.texts: dict[str, bytes] = {}
        self.round: Round | None = None
        self.tasks: dict[TaskId, TaskVerdict] = {}  # the newest verdicts
        self.state: TreeState | None = None
        self.explanations: dict[TaskId, Explanation] = {}
        self.passed: dict[str, bool] = {}  # by the checks' ids
        self.better = self.worse = 0  # checks, since the last save
        self.saved: list[str] = []  # the files of the last save
        self.first: set[TaskId] = set()  # the tasks that it is about
        self.seconds: float | None = None  # from the save to its first verdict
        self.running = self.searching = False  # a round: for verdicts, and for the functions at fault
        self.unsaid = True  # whether the report of this round was not added yet, where lines are added
        self.problem = ""
        self.listing = False
        self.script: Path | None = None  # the last one that was explored

    def run(self) -> int:
        """Watch until q is pressed; 0."""
        watcher = Watcher(self.desk.tree, lambda: self.events.put(Saved()))
        try:
            with self.screen, self.keys, handled(self._pause, "SIGTSTP"):
                self.texts = contents(self.desk.tree)
                watcher.start()
                self._greet()
                self._begin([])
                self._loop()
        finally:
            watcher.stop.set()
            if self.round is not None:
                self.round.cancel()
                self.round.join(timeout=1.0)
            self.desk.workers.close()
        if self.screen.in_place and self.tasks:
            print(self._summary().plain)
        return 0

    def _loop(self) -> None:
        while True:
            with contextlib.suppress(queue.Empty):
                self._take(self.events.get(timeout=TICK))
            key = self.keys.pressed()
            if key == END:
                return
            if key is not None:
                self._press(key)
            if self.screen.stale:
                self._draw()

    def _pause(self, number: int, _: object) -> None:
        """Ctrl-Z: the shell gets the terminal as it was, until `fg`."""
        if self.screen.writing:
            self.screen.missed = number
            return
        with self.keys.at_rest():
            self.screen.leave()
            ours = signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
            signal.signal(number, ours)
            self.screen.enter()

    def _take(self, event: object) -> None:
        """What a round or the watcher has to say."""
        if isinstance(event, Saved):
            self._save()
        elif event.round is not self.round:
            return  # of one that was cancelled
        elif isinstance(event, Judged):
            self._judge(event)
        elif isinstance(event, Ended):
            self.running, self.searching, self.state = False, self.shown not in self.explanations, event.state
            self.tasks = {task.task.id: task for task in event.verdict.tasks}
            self.shown = self.shown or self._open()
            self._say(self._summary())
        elif isinstance(event, Explained):
            self.explanations = dict(event.explanations)
            self.searching = not (event.last or self.shown in self.explanations)
            if event.problem:
                self._complain(event.problem)
            if not self.searching:
                self._show_once()
        elif isinstance(event, Failed):
            self.running = self.searching = False
            self._complain(event.message)
        self._draw()

    def _save(self) -> None:
        """Begin a round if a file is another one now."""
        before, self.texts = self.texts, contents(self.desk.tree)
        self.saved = changed_files(before, self.texts)
        if not self.saved:
            return
        own, near = tasks_of_change(before, self.texts, self.desk.milestone.tasks)
        if own:
            failing = [task for task in own if task.id in self.tasks and self.tasks[task.id].state != DONE]
            self.shown = (failing or own)[0].id
        self._say(Text(f"\n{time.strftime('%H:%M:%S')}  saved {', '.join(map(one_line, self.saved))}", style="dim"))
        self._begin([*own, *near], {task.id for task in own})

    def _begin(self, first: list[Task], about: set[TaskId] | frozenset[TaskId] = frozenset()) -> None:
        """Begin a round: the task that is shown, those named, and then the others; it ends the one that runs."""
        tasks = sorted(self.desk.milestone.tasks, key=lambda task: task.convergence)  # which take their time
        shown = [task for task in tasks if task.id == self.shown]
        order = dict.fromkeys([*shown, *first, *tasks])
        if self.round is not None:
            self.round.cancel()
        self.running, self.searching, self.problem, self.seconds = True, False, "", None
        self.better = self.worse = 0
        self.first, self.unsaid = set(about), True
        self.explanations = {}
        self.round = Round(self.desk, list(order), self.events.put)
        self.round.start()
        self._draw()

    def _judge(self, event: Judged) -> None:
        """Take a task's verdict."""
        task, self.state = event.task, event.state
        known = task.task.id in self.tasks
        for verdict in task.checks:
            before = self.passed.get(verdict.check.id, verdict.passed)
            self.better += verdict.passed and not before
            self.worse += before and not verdict.passed
            self.passed[verdict.check.id] = verdict.passed
        self.tasks[task.task.id] = task
        if task.task.id in self.first:
            self.seconds = self.seconds or event.seconds
            self._say(self._line(task, known, event.seconds))

    # The keys.

    def _press(self, key: str) -> None:
        task = self.shown
        if key == "n":
            self.shown = self._open(after=task)
            self._show()
        elif key == "l":
            self.listing = not self.listing
            if not self.screen.in_place:
                self._list()
                self.listing = False
        elif key == "r":
            self._begin([])
        elif key == "h" and task is not None:
            self._call("hint", task, "--tree", str(self.desk.tree))
        elif key == "p" and task is not None:
            self._call("predict", task, "--tree", str(self.desk.tree))
        elif key == "e":
            self._explore()
        self._draw()

    def _open(self, after: TaskId | None = None) -> TaskId | None:
        """The next task that is not done, from one on and then from the beginning; None where all are done."""
        ids = [task.id for task in self.desk.milestone.tasks]
        at = ids.index(after) + 1 if after in ids else 0
        undone = [each for each in [*ids[at:], *ids[:at]] if each in self.tasks and self.tasks[each].state != DONE]
        begun = [each for each in undone if self.tasks[each].passed] if after is None else []
        return next(iter([*begun, *undone]), None)

    def _explore(self) -> None:
        """Ask for a script, and write its page."""
        default = self.script or self._smallest() or EXAMPLE
        with self.keys.at_rest():
            self.screen.clear()
            try:
                typed = input(f"script to explore [{shown_path(default)}]: ").strip() if self.keys.possible else ""
            except EOFError:
                return
        script = Path(typed) if typed else default
        self.script = script if typed else self.script
        self._call("explore", str(script), "--tree", str(self.desk.tree), *self._on_reference())

    def _smallest(self) -> Path | None:
        """A case of the task that is shown, as a script; None where there is none that goes backward."""
        explanation = self.explanations.get(self.shown)
        faults = explanation.faults if explanation is not None else ()
        text = next(filter(None, map(script_of, faults)), None)
        if text is not None:
            write_whole(SMALLEST, text)
        return SMALLEST if text is not None else None

    def _call(self, *arguments: str) -> None:
        """Run another command of the course, on the terminal as it was. Ctrl-C is for that command."""
        with self.keys.at_rest(), handled(lambda number, frame: None, "SIGINT"):
            self.screen.clear()
            subprocess.run([*CALLED, *arguments], check=False)
        if self.screen.in_place:
            self.screen.write("\n(any key goes back)\n")
            while self.keys.pressed() is None:
                time.sleep(TICK)

    # What is drawn.

    def _greet(self) -> None:
        milestone, where = self.desk.milestone, shown_path(self.desk.tree)
        ends = "q ends it" if self.keys.possible else "Ctrl-C ends it"
        self._say(f"Milestone {milestone.number} · {milestone.title}: {where}/ is graded on each save; {ends}")

    def _say(self, line: Text | str) -> None:
        """Add a line, where lines are added."""
        if not self.screen.in_place:
            self.screen.console.print(line, soft_wrap=True)
            sys.stdout.flush()

    def _complain(self, problem: str) -> None:
        self.problem = problem
        self._say(Text(f"error: {problem}", style="red"))

    def _show_once(self) -> None:
        if self.unsaid:
            self.unsaid = False
            self._show()

    def _show(self) -> None:
        """Add the report of the task, where lines are added."""
        if not self.screen.in_place:
            self._report()
            sys.stdout.flush()

    def _draw(self) -> None:
        if self.screen.in_place:
            self.screen.draw(self._list if self.listing else self._report, list(self._status()), self._whole())

    def _whole(self) -> str:
        task = [self.shown] if self.shown and not self.listing else []
        options = [*task, *self._on_reference(), *tree_option(shown_path(self.desk.tree))]
        return " ".join([f"{COMMAND} -s milestone{self.desk.milestone.number}", *(["--", *options] if options else [])])

    def _on_reference(self) -> list[str]:
        return ["--on-reference"] if self.desk.on_reference else []

    def _list(self) -> None:
        if self.state is not None:
            show_tables(self.screen.console, story([self._verdict(list(self.tasks))], self.state))

    def _report(self) -> None:
        """The report of the task, as `nox -s milestone2 -- 2.3` shows it; where none is left, that of the milestone."""
        ids = [self.shown] if self.shown is not None else [task.id for task in self.desk.milestone.tasks]
        known = self.tasks.keys() >= set(ids) and not (self.shown is None and self.running)
        if self.state is not None and known:
            show(self.screen.console, story([self._verdict(ids)], self.state, self.explanations))

    def _verdict(self, ids: list[TaskId]) -> MilestoneVerdict:
        milestone = self.desk.milestone
        return MilestoneVerdict(milestone, tuple(self.tasks[task.id] for task in milestone.tasks if task.id in ids))

    def _line(self, task: TaskVerdict, known: bool, seconds: float) -> Text:
        line = Text.assemble(f"{task.task.id} {task.task.title}  ", (task.state, STATE_STYLES[task.state]))
        line.append(f"  {task.passed}/{len(task.checks)} checks")
        line.append(self._since() if known else "")
        return line.append(f"  ({seconds:.2f} s)", style="dim")

    def _since(self) -> str:
        if not self.saved:
            return ""
        counts = [f"{sign}{count}" for sign, count in (("+", self.better), ("-", self.worse)) if count]
        return f"  {' '.join(counts) or 'no change'} since the last save"

    def _summary(self) -> Text:
        verdict = self._verdict(list(self.tasks))
        done = sum(task.state == DONE for task in verdict.tasks)
        score = f"{points(verdict.score)} of {points(verdict.max_score)} points"
        number = self.desk.milestone.number
        return Text(f"milestone {number}: {score}, {done} of {len(verdict.tasks)} tasks done{self._since()}")

    def _status(self) -> Iterator[Text]:
        if self.problem:
            yield Text(f"error: {self.problem}", style="red")
        elif self.running:
            about = f"{', '.join(map(one_line, self.saved))}: " if self.saved else ""
            yield Text(f"{about}grading ...{self._since() if self.seconds is not None else ''}", style="yellow")
        else:
            line = self._summary().append(f"  ({self.seconds:.2f} s)" if self.seconds is not None else "", style="dim")
            searching = self.searching and self.shown in self.tasks and self.tasks[self.shown].state == IN_PROGRESS
            yield line.append("  looking for the functions at fault" if searching else "", style="yellow")
        if self.keys.possible:
            yield Text("   ".join(f"{key} {word}" for key, word in KEYS), style="dim")
        else:
            yield Text("Ctrl-C ends it", style="dim")
