"""A sandbox holds what runs in it, ends with all of it, and leaves nothing behind; right work gets its points there."""

import contextlib
import os
import platform
import re
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from grader.course.milestones import find_task, load_milestone
from grader.errors import CourseError, UsageError
from grader.explain.explain import explain
from grader.files import REPOSITORY, SOLUTIONS
from grader.grade import grade
from grader.inside import confine
from grader.protocol import Cause
from grader.run.budget import Budget
from grader.run.namespaces import TEMPORARY
from grader.run.sandbox import LEVELS, NAMESPACES, OVER, PROCESS, USER, Sandbox, best_level, obstacle
from grader.run.usage import POSSIBLE, files_of_mounts
from tests.trees import replace_body
from tests.waiting import until

TASK = find_task("1.2")
SECRET = "known-to-the-grader-alone"


@pytest.fixture(params=LEVELS)
def level(request):
    why = obstacle(request.param)
    if why is not None:
        pytest.skip(f"level {request.param} is not tested: {why}")
    return request.param


@pytest.fixture
def folder():
    """Where every user can get to, as a grader makes it."""
    with tempfile.TemporaryDirectory(prefix="course-") as name:
        yield Path(name)


class Told:
    """What a tree says from inside: the body of broadcast_shapes is `code`, which sets `said`."""

    def __init__(self, tree, level, folder, **budget):
        self.tree, self.level, self.folder, self.budget = tree, level, folder, Budget(**budget)
        self.path = tree / "neural_framework" / "operations" / "broadcasting.py"
        self.text = self.path.read_text(encoding="utf-8")

    def __call__(self, code):
        self.path.write_text(self.text, encoding="utf-8")
        body = [*code.strip().splitlines(), "raise ValueError(str(said))"]
        replace_body(self.tree, "operations/broadcasting.py", "broadcast_shapes", "\n".join(body))
        with Sandbox(self.level, self.folder, self.budget) as sandbox:
            graded = grade(self.tree, TASK.checks[:1], launch=sandbox.launch, scratch=sandbox.folder)
            (verdict,) = graded
        self.message = verdict.message
        return verdict.message.partition("ValueError: ")[2]


@pytest.fixture
def told(tree, level, folder):
    return Told(tree, level, folder)


@pytest.mark.skipif(os.name == "nt", reason="a path may not lead from one drive to another")
def test_the_level_does_not_depend_on_how_python_was_called(tmp_path):
    around = os.path.relpath(sys.executable, tmp_path)  # Python keeps the .. of such a path alone
    code = f"import sys; sys.path.insert(0, {str(REPOSITORY)!r}); from grader.run import sandbox; "
    code += "print(sandbox.best_level())"
    assert subprocess.check_output([around, "-c", code], cwd=tmp_path, text=True).strip() == best_level()


@pytest.mark.skipif(not POSSIBLE, reason="it is told by Linux's /proc")
def test_what_others_have_written_counts_for_no_one():
    """Until it has mounted file systems of its own, a sandbox has the system's, where others have many files."""
    assert files_of_mounts(os.getpid(), TEMPORARY) == 0


def tried(what, error="OSError"):
    return f"try:\n    said = {what}\nexcept {error} as error:\n    said = type(error).__name__"


def needs_a_held(level):
    """Skip where nothing holds files back at a level: neither a file system of its own, nor Landlock."""
    if level != NAMESPACES and "Landlock" in confine.lacks():
        pytest.skip(f"level {level} does not hold files back here: the system has no Landlock")


def test_the_reference_gets_all_points(level, folder):
    with Sandbox(level, folder) as sandbox:
        launch = sandbox.launch
        (verdict,) = grade(SOLUTIONS, load_milestone(1).checks, launch=launch, scratch=folder, apart=True).finish()
    assert verdict.score == verdict.max_score


def test_a_function_at_fault_is_found_in_it(tree, level, folder):
    replace_body(tree, "operations/broadcasting.py", "broadcast_shapes", "return shape1")
    with Sandbox(level, folder) as sandbox:
        grading = grade(tree, TASK.checks, launch=sandbox.launch, scratch=folder)
        found = explain(grading, grading.finish(), sandbox.launch)
    assert [fault.unit.name for fault in found[TASK.id].faults] == ["broadcast_shapes"]


@pytest.mark.parametrize(
    "path",
    [
        REPOSITORY / "README.md",
        SOLUTIONS / "neural_framework" / "__init__.py",
        REPOSITORY / "milestones" / "milestone1_tensors" / "tasks.toml",
        REPOSITORY / "grader" / "grade.py",
        "/etc/passwd",
        "/etc/shadow",
        REPOSITORY / "grader",
    ],
)
def test_files_of_others_are_not_read(told, level, path):
    needs_a_held(level)
    call = f"os.listdir({str(path)!r})" if Path(path).is_dir() else f"open({str(path)!r}).read(9)"
    assert told(f"import os\n{tried(call)}") in ("FileNotFoundError", "PermissionError")


def test_variables_of_the_parent_are_not_seen(told, monkeypatch):
    monkeypatch.setenv("COURSE_SECRET", SECRET)
    found = told("import os, sys\nsaid = sorted(os.environ)")
    assert "COURSE_SECRET" not in found and "HOME" in found
    code = f"said = {SECRET!r}.replace('-', '_') in open('/proc/self/environ').read().replace('-', '_')"
    assert told(f"try:\n    {code}\nexcept OSError:\n    said = False") == "False"


def test_other_processes_are_not_read(told):
    code = f"said = []\nfor pid in ({os.getpid()}, os.getppid(), 1):\n    for name in ('environ', 'mem', 'fd/3'):\n"
    code += "        try:\n            said.append(open(f'/proc/{pid}/{name}', 'rb').read(1))\n"
    assert told(f"import os\n{code}        except OSError:\n            pass") == "[]"


def test_no_more_than_its_own_pipes_is_open(told):
    assert told("import os\nsaid = [n for n in range(3, 256) if os.path.exists(f'/proc/self/fd/{n}')]").count(",") < 12
    found = told(
        "import os, stat\nsaid = []\nfor n in range(256):\n    try:\n        mode = os.fstat(n).st_mode\n"
        "    except OSError:\n        continue\n    said += [n] * (stat.S_ISSOCK(mode) or stat.S_ISDIR(mode))"
    )
    assert found == "[]"


@pytest.mark.parametrize("family", ["AF_INET", "AF_INET6", "AF_UNIX"])
def test_there_is_no_network(told, level, family):
    needs_a_held(level)
    address = {"AF_INET": "('1.1.1.1', 53)", "AF_INET6": "('::1', 53)", "AF_UNIX": "'/run/systemd/notify'"}[family]
    call = f"socket.socket(socket.{family}, socket.SOCK_DGRAM).connect({address})"
    assert told(f"import socket\n{tried(call)}") in ("FileNotFoundError", "PermissionError", "OSError")


@pytest.mark.parametrize("place", ["/", "/tmp", "/dev", "/var/tmp", "/dev/shm", REPOSITORY, os.path.expanduser("~")])
def test_nothing_is_written_outside(told, level, place):
    needs_a_held(level)
    path = os.path.join(place, f"course-{secrets.token_hex(8)}")
    told(f"import os\n{tried(f'open({path!r}, chr(119)).write(chr(120))')}")
    assert not os.path.exists(path)


def test_the_tree_and_the_checks_stay_as_they_are(told, level):
    needs_a_held(level)
    code = """
import glob, os, neural_framework
tree = os.path.dirname(os.path.dirname(neural_framework.__file__))
said = []
for place in (tree, tree + '/neural_framework', os.path.dirname(tree), os.path.dirname(tree) + '/checks'):
    for change in (
        lambda: open(place + '/new.py', 'w'),
        lambda: os.rename(place, place + '2'),
        lambda: [os.remove(path) for path in glob.glob(place + '/*.py')] or 1 / 0,
    ):
        try:
            change()
            said.append(place)
        except (OSError, ZeroDivisionError):
            pass
"""
    assert told(code) == "[]"


def test_what_leads_to_the_tree_cannot_be_moved_away(tree, level, folder):
    if level != NAMESPACES:
        pytest.skip(f"level {level} has no file system of its own")
    deep = folder / "a" / "b"
    deep.mkdir(parents=True)
    code = """
import os
said = 0
for path in os.listdir('/tmp'):
    try:
        os.rename('/tmp/' + path, '/tmp/x')
        said += 'desk' not in path
    except OSError:
        pass
"""
    assert Told(tree, level, deep)(code) == "0"


@pytest.mark.parametrize("number", ["SIGSTOP", "SIGTERM", "SIGINT", "SIGKILL"])
def test_the_first_process_and_those_outside_get_no_signals(told, number, level):
    code = f"""
import os, signal, time
first = os.getppid()
for pid in (first, {os.getpid()}, {os.getppid()}):
    try:
        os.kill(pid, signal.{number})
    except OSError:
        pass
said = os.getppid() == first
"""
    if level == PROCESS and number == "SIGSTOP":
        pytest.skip("older systems than Linux 6.12 let a process stop others of its user")
    assert told(code) == "True"


def test_the_filter_knows_the_numbers_of_this_machine():
    if not Path("/usr/include/asm-generic/unistd.h").exists() or platform.machine() not in confine.MACHINES:
        pytest.skip("there are no headers to compare with")
    folder = "/usr/include/x86_64-linux-gnu/asm/unistd_64.h" if platform.machine() == "x86_64" else ""
    path = Path(folder or "/usr/include/asm-generic/unistd.h")
    known = dict(re.findall(r"#define __NR_(\w+) (\d+)", path.read_text(encoding="utf-8")))
    column = confine.MACHINES[platform.machine()][0]
    wanted = {**confine.DENIED, **confine.LIBC_DOES_WITHOUT, "clone": confine.CLONE, "ioctl": confine.IOCTL}
    wanted |= {"prlimit64": confine.PRLIMIT, "fcntl": confine.FCNTL}
    assert {int(known[name]) for name in ("open", "openat") if name in known} == set(confine.OPENS[column])
    wrong = {name for name, numbers in wanted.items() if known.get(name, str(numbers[column])) != str(numbers[column])}
    assert wrong == set()


def test_no_process_is_traced(told):
    code = "import ctypes, os\nsystem = ctypes.CDLL(None, use_errno=True)\n"
    assert told(code + "said = system.ptrace(16, os.getppid(), 0, 0)") == "-1"


def test_system_calls_that_no_check_needs_are_refused(told):
    if "a filter of system calls" in confine.lacks():
        pytest.skip("the system calls of this machine are not known")
    column = confine.MACHINES[platform.machine()][0]
    numbers = {name: numbers[column] for name, numbers in confine.DENIED.items()}
    code = f"""
import ctypes
system = ctypes.CDLL(None, use_errno=True)
said = []
for name, number in {numbers}.items():
    if system.syscall(number, 0, 0, 0, 0, 0) != -1 or ctypes.get_errno() != 1:
        said.append(name)
"""
    assert told(code) == "[]"


def test_a_file_is_emptied_only_by_who_may_write_it(told):
    if "a filter of system calls" in confine.lacks():
        pytest.skip("the system calls of this machine are not known")
    code = "import os\nopen('mine', 'w').close()\nos.close(os.open('mine', os.O_WRONLY | os.O_TRUNC))\n"
    assert told(code + tried("os.open('mine', os.O_TRUNC)")) == "PermissionError"


@pytest.mark.parametrize("command", confine.FILE_FLAGS)
def test_no_flags_of_files_are_set(told, command):
    if "a filter of system calls" in confine.lacks():
        pytest.skip("the system calls of this machine are not known")
    code = f"import fcntl\nfile = open('mine', 'w')\n{tried(f'fcntl.ioctl(file, {command}, bytes(32))')}"
    assert told(code) == "PermissionError"


def test_no_lease_makes_others_wait_for_a_file(told):
    if "a filter of system calls" in confine.lacks():
        pytest.skip("the system calls of this machine are not known")
    code = "import fcntl\nopen('mine', 'w').close()\nfile = open('mine')\n"
    assert told(code + tried(f"fcntl.fcntl(file, {confine.F_SETLEASE}, fcntl.F_WRLCK)")) == "PermissionError"


def test_sockets_that_reach_no_one_are_there(told):
    assert told("import socket\none, other = socket.socketpair()\none.send(b'x')\nsaid = other.recv(1)") == "b'x'"


@pytest.mark.parametrize("closed", ["os.mkdir('folder', 0)", "os.makedirs('a/b')\nos.umask(0o777)\nos.mkdir('a/b/c')"])
def test_a_folder_that_no_one_may_enter_is_removed(tree, level, folder, closed):
    replace_body(tree, "operations/broadcasting.py", "broadcast_shapes", f"import os\n{closed}\nreturn ()")
    with Sandbox(level, folder) as sandbox:
        checks = [*TASK.checks[:1], *find_task("1.1").checks[:2]]
        _, *others = grade(tree, checks, launch=sandbox.launch, scratch=folder, apart=True)
        desks = [path for path in Path(sandbox._desks).iterdir() if list(path.iterdir())] if sandbox._desks else []
    assert all(verdict.passed for verdict in others) and desks == []


def test_no_limits_of_others_are_set(told):
    if "a filter of system calls" in confine.lacks():
        pytest.skip("the system calls of this machine are not known")
    limits = "resource.RLIMIT_NOFILE, (9, 9)"
    code = f"import os, resource\nresource.setrlimit({limits})\n"
    assert told(code + tried(f"resource.prlimit(os.getppid(), {limits})")) == "PermissionError"


def test_there_are_no_further_namespaces(told):
    assert told("import ctypes\nsaid = ctypes.CDLL(None).unshare(0x10000000)") == "-1"


# What a tree does, and the part of the budget that it uses up.
HOGS = {
    "forks": ("import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass", {"cpu": 2}),
    "processors": ("while True:\n    pass", {"ahead": -1}),  # so that it takes no free processors to be ahead
    "memory": (
        "import os\nfor _ in range(8):\n    if os.fork() == 0:\n        break\n"
        "held = []\nwhile True:\n    held.append(b'x' * 2**22)",
        {"memory": 2**29},
    ),
    "files": (
        "import os\nn = 0\nwhile True:\n    n += 1\n    try:\n        open(f'file{n}', 'w').close()\n"
        "    except OSError:\n        pass",
        {"files": 2_000, "wall": 8},
    ),
    "time": (
        "import time\nwhile True:\n    try:\n        time.sleep(9)\n    except BaseException:\n        pass",
        {"wall": 3},
    ),
    "messages": ("return ()", {"messages": 900}),
    "prints": (
        "while True:\n    try:\n        print('x' * 10_000)\n    except BaseException:\n        pass",
        {"prints": 2**21},
    ),
}


@pytest.mark.parametrize("hog", HOGS)
def test_what_takes_without_end_ends_with_its_sandbox(tree, level, folder, hog):
    body, most = HOGS[hog]
    if level == PROCESS and hog == "forks":
        most = {"processes": 40}
    replace_body(tree, "operations/broadcasting.py", "broadcast_shapes", body)
    started = time.monotonic()
    with Sandbox(level, folder, Budget(**most)) as sandbox:
        verdicts = list(grade(tree, TASK.checks, launch=sandbox.launch, scratch=folder))
        assert sandbox.loss is not None and sandbox.loss.cause is Cause.BUDGET
    assert time.monotonic() - started < 40
    assert not any(verdict.passed for verdict in verdicts)
    assert any("and was stopped" in verdict.message for verdict in verdicts)


def test_a_disk_is_filled_no_further_than_allowed(told, level):
    told.budget = Budget(disk=2**24, wall=20)
    code = """
import time
said = 0
try:
    while said < 64:
        open(f'file{said}', 'wb').write(bytes(2**20))
        said += 1
    time.sleep(9)
except OSError:
    pass
"""
    found = told(code)
    if level == NAMESPACES:
        assert 0 < int(found) < 16
    else:  # it is looked at once a second
        assert "it wrote more than 17 MB, and was stopped" in told.message


def marked(mark):
    """The processes whose command line has a mark."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            found += [path.parent.name] if mark.encode() in path.read_bytes() else []
    return found


def test_a_daemon_ends_with_its_task_and_its_files_go(tree, level, folder):
    if not os.path.exists("/proc/self/cmdline"):
        pytest.skip("processes can't be looked for here")
    mark = f"mark_{secrets.token_hex(8)}"
    body = f"""
import os, subprocess, sys
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.setsid()
        subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)', {mark!r}], start_new_session=True)
        open('left', 'w').close()
    os._exit(0)
import time
time.sleep(0.5)
raise ValueError(os.getcwd())
"""
    replace_body(tree, "operations/broadcasting.py", "broadcast_shapes", body)
    with Sandbox(level, folder) as sandbox:
        checks = [*TASK.checks[:1], *find_task("1.1").checks]
        grading = iter(grade(tree, checks, launch=sandbox.launch, scratch=folder, apart=True))
        assert "ValueError: " in next(grading).message
        assert marked(mark)
        assert next(grading).passed
        assert not marked(mark)
    assert not marked(mark)


# What a tree does at its import, and how many workers three tasks then have.
IMPORTS = {
    "nothing": ("", 1),
    "a thread": ("import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()", 3),
    "a process": ("import os, time\nif os.fork() == 0:\n    time.sleep(60)\n    os._exit(0)", 3),
    "a file": ("open('left', 'w').close()", 1),
    "its own fork": ("import os\nos.fork = lambda: 0", 3),
}


@pytest.mark.parametrize("what", IMPORTS)
def test_a_tree_is_imported_once_for_all_tasks(tree, level, folder, what):
    code, workers = IMPORTS[what]
    with (tree / "neural_framework" / "__init__.py").open("a", encoding="utf-8") as file:
        file.write(f"\n{code}\n")
    with Sandbox(level, folder) as sandbox:
        checks = [*TASK.checks[:1], *find_task("1.1").checks[:2], *find_task("1.3").checks[:1]]
        verdicts = list(grade(tree, checks, launch=sandbox.launch, scratch=folder, apart=True))
        assert len(sandbox._workers) == (workers if os.path.exists("/proc/self/task") else 3)
    assert all(verdict.passed for verdict in verdicts)


def test_what_a_task_changes_is_unchanged_in_the_next(tree, level, folder):
    body = "import neural_framework as nf\nnf.zeros = None\nraise ValueError"
    replace_body(tree, "operations/broadcasting.py", "broadcast_shapes", body)
    with Sandbox(level, folder) as sandbox:
        checks = [*TASK.checks[:1], *find_task("1.1").checks]
        first, *others = grade(tree, checks, launch=sandbox.launch, scratch=folder, apart=True)
        assert len(sandbox._workers) == (1 if os.path.exists("/proc/self/task") else 2)
    assert not first.passed and all(verdict.passed for verdict in others)


@pytest.mark.parametrize("end", ["os._exit(3)", "os.kill(os.getpid(), 11)", "os._exit(99)"])
def test_a_process_that_ends_costs_its_check_alone(tree, level, folder, end):
    replace_body(tree, "operations/broadcasting.py", "broadcast_shapes", f"import os\n{end}\nreturn ()")
    with Sandbox(level, folder) as sandbox:
        checks = [*TASK.checks[:1], *find_task("1.1").checks]
        first, *others = grade(tree, checks, launch=sandbox.launch, scratch=folder, apart=True)
    assert not first.passed and "Python" in first.reason  # and not that it ran too long
    assert all(verdict.passed for verdict in others)


def test_nothing_is_left_when_it_ends(tree, level, folder):
    body = "import os\nif os.fork():\n    raise ValueError\nwhile True:\n    pass"
    replace_body(tree, "operations/broadcasting.py", "broadcast_shapes", body)
    with Sandbox(level, folder) as sandbox:
        first, desks = sandbox._process.pid, sandbox._desks
        list(grade(tree, TASK.checks[:2], launch=sandbox.launch, scratch=folder))
    assert not os.path.exists(f"/proc/{first}")
    assert not (desks and os.path.exists(desks))
    assert str(folder) not in Path("/proc/self/mounts").read_text(encoding="utf-8")


def test_nothing_is_left_when_the_grader_is_killed(tree, level, folder):
    mark = f"mark_{secrets.token_hex(8)}"
    child = f"[sys.executable, '-c', 'import time; time.sleep(60)', {mark!r}]"
    body = f"import subprocess, sys\nsubprocess.Popen({child}, start_new_session=True)\nwhile True:\n    pass"
    replace_body(tree, "operations/broadcasting.py", "broadcast_shapes", body)
    code = f"""
from pathlib import Path
from grader.course.milestones import find_task
from grader.grade import grade
from grader.run.sandbox import Sandbox
with Sandbox({level!r}, Path({str(folder)!r})) as sandbox:
    list(grade(Path({str(tree)!r}), find_task("1.2").checks, launch=sandbox.launch, scratch=sandbox.folder))
"""
    folder.chmod(0o711)  # the users of level `user` must reach what is made in it
    settings = {**os.environ, "TMPDIR": str(folder)}
    grader = subprocess.Popen([sys.executable, "-c", code], cwd=REPOSITORY, env=settings)
    until(lambda: marked(mark), seconds=30)
    grader.kill()
    grader.wait()
    until(lambda: not marked(mark), seconds=30)  # less than the child would sleep


def test_two_submissions_are_two_users(level, tmp_path):
    if level == PROCESS or os.geteuid() != 0:
        pytest.skip(f"level {level} has the user's own processes")
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    with Sandbox(level, one) as first, Sandbox(level, other) as second:
        assert first._uid != second._uid
        assert not one.stat().st_mode & 0o007


def test_a_worker_that_cannot_start_costs_its_submission_alone(level, folder):
    with Sandbox(level, folder) as sandbox:
        sandbox.stop(OVER)
        (verdict, *_) = grade(SOLUTIONS, TASK.checks, launch=sandbox.launch, scratch=folder)
    assert not verdict.passed and "its sandbox has ended" in verdict.message


def test_what_is_not_there_is_refused_with_the_reason(tmp_path, monkeypatch):
    with pytest.raises(UsageError, match="namespaces, user, process"):
        Sandbox("container", tmp_path)
    monkeypatch.setenv("PATH", "/nonexistent")
    if sys.platform == "linux":
        with pytest.raises(CourseError, match="install bubblewrap"), Sandbox(NAMESPACES, tmp_path):
            pass


def test_the_best_level_is_one_that_starts():
    assert obstacle(best_level()) is None and USER in LEVELS
