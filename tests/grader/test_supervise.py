"""The supervisor outlives workers that send anything at all, and says why a check was lost."""

import threading
import tracemalloc
from dataclasses import dataclass

import pytest

from grader.course.milestones import Check, find_task
from grader.files import SOLUTIONS
from grader.grade import grade
from grader.protocol import Observation
from grader.run import launch as launching
from grader.run.assemble import assemble
from grader.run.fork_server import forked
from grader.run.launch import fresh, started_ahead
from grader.run.supervise import observe
from tests.workers import worker

# Two checks that observe one thing, the shape (2, 3), and then nothing more.
CHECKS = find_task("1.2").checks[:2]
LOSSES = {
    "it is not JSON": ("send(begin + 'hello\\n')", "a message that is not JSON"),
    "it never ends": ("send(begin)\nwhile True: send('x' * 65536)", "a message of more than 2,000,000 bytes"),
    "facts without end": ("send(begin)\nwhile True: send(fact)", "it reported without end and was stopped"),
    "large facts without end": (
        "send(begin + fact)\nfact = json.dumps({'event': 'fact', 'kind': 'equal', 'observed': 'x' * 9_999}) + '\\n'\n"
        "while True: send(fact)",
        "it reported without end and was stopped",
    ),
    "no beginning": ("mark(); send(end)", "collecting the checks: it wrote into the grader's pipe"),
    "two beginnings": ("send(begin + begin)", "a message out of order"),
    "the import again": ('send(begin + \'{"event": "imported", "failure": null}\\n\')', "a message out of order"),
    "it exits": ("send(begin); sys.exit(5)", "it ended the Python process (exit code 5)"),
    "half a message": ("send(begin + fact[:9]); sys.exit(6)", "it ended the Python process (exit code 6)"),
    "failures that can't be": (
        "send(begin); mark(); send(json.dumps({'event': 'end', 'failure': {'type': 'E', 'message': 'm', 'line': 2**62, "
        "'frames': [{'file': '/etc/passwd', 'line': 1, 'source': ''}], 'stub': '9.9', 'timeout': False, 'hang': None, "
        "'again': False, 'misspelt': False, 'attribute': None, 'missing': None, 'suspects': []}}) + '\\n')",
        "E: m",
    ),
    "pieces of prints without end": (
        "send(begin)\nwhile True: os.write(2, b'x' * 3_900 + b'\\n' + request['token'].encode() + b'\\n')",
        "it printed more than 10 MB",
    ),
    "a flood of prints": ("send(begin)\nwhile True: os.write(2, b'x' * 65536)", "it printed more than 10 MB"),
    "a flood without lines, and then the end": (
        "send(begin)\nfor _ in range(200): os.write(2, b'x' * 65536 + b'\\n')\nmark(); send(end)",
        "it printed more than 10 MB",
    ),
}


@pytest.mark.parametrize(("answer", "reason"), LOSSES.values(), ids=LOSSES)
def test_a_worker_that_misbehaves_loses_its_checks_with_a_reason(answer, reason, tmp_path):
    tracemalloc.start()
    try:
        ended = list(observe(assemble(SOLUTIONS, tmp_path), CHECKS, Ended, worker(answer)))
        assert tracemalloc.get_traced_memory()[1] < 300e6
    finally:
        tracemalloc.stop()
    found = [str(each.observation.loss or each.observation.failure) for each in ended]
    assert len(found) == 2 and all(reason in message for message in found), found


@dataclass
class Ended:
    """In the place of a verdict."""

    check: Check
    observation: Observation
    passed: bool = False


def test_a_check_without_facts_has_not_passed():
    verdicts = list(grade(SOLUTIONS, CHECKS, launch=worker("send(begin); mark(); send(end)")))
    assert [verdict.message.split(":")[0] for verdict in verdicts] == ["the check did not report what it should"] * 2


def test_every_worker_is_launched_in_the_same_way_also_after_a_death():
    launched = []

    def launch(scratch):
        launched.append(scratch)
        return worker("send(begin); sys.exit(5)")(scratch)

    assert len(list(grade(SOLUTIONS, CHECKS, launch=launch))) == len(launched) == 2


def test_verdicts_come_as_checks_end_and_nothing_stays_behind():
    threads = threading.active_count()
    processes = []

    def launch(scratch):
        processes.append(fresh(scratch))
        return processes[-1]

    grading = iter(grade(SOLUTIONS, find_task("1.2").checks, launch=launch))
    assert next(grading).passed and processes[0].poll() is None
    grading.close()  # the caller has seen enough
    assert processes[0].poll() is not None and processes[0].stdout.closed
    assert threading.active_count() == threads


def test_a_worker_that_was_started_ahead_and_not_needed_is_ended(monkeypatch):
    started = []

    def noted(scratch):
        started.append(fresh(scratch))
        return started[-1]

    monkeypatch.setattr(launching, "fresh", noted)
    with started_ahead():
        assert started[0].poll() is None
    assert started[0].poll() is not None


def test_a_worker_that_was_started_ahead_is_the_first_and_others_follow(monkeypatch):
    numbers = iter(range(9))
    monkeypatch.setattr(launching, "fresh", lambda scratch: next(numbers))
    with started_ahead() as launch:
        assert [launch(SOLUTIONS), launch(SOLUTIONS)] == [0, 1]


def test_each_task_may_have_a_worker_of_its_own():
    launched = []

    def launch(scratch):
        launched.append(forked(scratch))
        return launched[-1]

    checks = [*CHECKS, *find_task("1.1").checks, *CHECKS[:1]]
    assert all(verdict.passed for verdict in grade(SOLUTIONS, checks, launch=launch, apart=True))
    assert len(launched) == 3
