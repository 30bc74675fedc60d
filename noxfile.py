"""Every command of the course: `nox` lists them. Where nox is not installed, `python3 noxfile.py` replaces it."""

import os
import sys

if sys.version_info < (3, 10):  # noqa: UP036 (nox may run on an older one)
    print(f"error: Python 3.10 or newer is needed, and this is {sys.version.split()[0]}", file=sys.stderr)
    sys.exit(2)

# A script may lie next to this file, or be on PYTHONPATH, and be named like a module, such as random.py. So neither is
# on the path, and the grader is found by its place.
ROOT = os.path.dirname(os.path.realpath(__file__))
PYTHONPATH = os.environ.get("PYTHONPATH", "").split(os.pathsep) if __name__ == "__main__" else []
LEFT_OUT = {ROOT, *map(os.path.realpath, PYTHONPATH)}
sys.path[:] = [folder for folder in sys.path if os.path.realpath(folder) not in LEFT_OUT]

import importlib.util

spec = importlib.util.spec_from_file_location("grader", os.path.join(ROOT, "grader", "__init__.py"))
sys.modules["grader"] = importlib.util.module_from_spec(spec)

from grader.bootstrap import run_nox

if __name__ == "__main__":  # `python3 noxfile.py -s milestone1`: nothing is needed but Python and pip
    raise SystemExit(run_nox())

import logging
from collections.abc import Callable
from pathlib import Path

import nox

from grader.command import COMMAND
from grader.environments import SetupError, clean_environment, environment, with_virtualenv
from grader.hiding import hiding

logging.getLogger("nox").setLevel(logging.ERROR)  # the commands speak for themselves
logging.getLogger("nox").addFilter(lambda record: "failed" not in record.getMessage())
nox.needs_version = ">=2025.2.9"
nox.options.sessions = []  # plain `nox` lists the sessions

CALLED_FROM = os.environ.pop("COURSE_CALLED_FROM", None)  # by grader/bootstrap.py


def command(function: Callable[[nox.Session], None], name: str | None = None):
    """Add a session. Its help names the command that the student has.

    Sessions share environments, one a dependency group. So each has none: the shell may name another default.
    """
    function.__doc__ = function.__doc__.replace("nox -s", f"{COMMAND} -s")
    return nox.session(function, name=name, venv_backend="none")


def milestone_session(number: int, title: str, first: str) -> None:
    """Add the session that grades a milestone."""

    def milestone(session: nox.Session) -> None:
        grader(session, "milestone", str(number), *session.posargs)

    milestone.__doc__ = f"Grade {title}: `nox -s milestone{number}`, or `-- {first}`, `-- --tree DIR`."
    command(milestone, name=f"milestone{number}")


for folder in sorted((Path(ROOT) / "milestones").glob("milestone*/tasks.toml")):
    about = nox.project.load_toml(folder)
    milestone_session(int(folder.parent.name[len("milestone") :].split("_")[0]), about["title"], about["task"][0]["id"])


@command
def grade(session: nox.Session) -> None:
    """Grade all milestones: `nox -s grade`, or `-- --tree DIR --out RESULTS`."""
    grader(session, "grade", *session.posargs)


@command
def hint(session: nox.Session) -> None:
    """The next, more telling hint for a task: `nox -s hint -- 2.3`."""
    if not session.posargs:
        session.error(f"a hint is for one task. Try: {COMMAND} -s hint -- 2.3")
    grader(session, "hint", *session.posargs)


@command
def watch(session: nox.Session) -> None:
    """Grade on each save, the changed task first: `nox -s watch -- 2`, or `-- 2 --plain`."""
    grader(session, "watch", *session.posargs, group="watch", instead="grading")


@command
def todo(session: nox.Session) -> None:
    """List what is not written yet, as file:line: `nox -s todo`, or `-- 2`, `-- 2.6`."""
    grader(session, "todo", *session.posargs)


@command
def predict(session: nox.Session) -> None:
    """Predict what comes out, and see which mistake a wrong answer is: `nox -s predict`, or `-- 2`, `-- 2.6`."""
    grader(session, "predict", *session.posargs)


@command
def bug(session: nox.Session) -> None:
    """Find a mistake that is planted in a copy of the reference: `nox -s bug`, or `-- 2`, `-- --reveal`."""
    grader(session, "bug", *session.posargs)


@command
def python(session: nox.Session) -> None:
    """Run a script, or a prompt, with starter/ importable: `nox -s python -- script.py`."""
    grader(session, "python", *session.posargs)


@command
def explore(session: nox.Session) -> None:
    """Step through backward() of a script, on a page: `nox -s explore -- script.py`, or `-- script.py --out PAGE`."""
    grader(session, "explore", *session.posargs)


@command
def docs(session: nox.Session) -> None:
    """Build the lessons and all other pages as a site, to read and search in a browser: `nox -s docs`."""
    if session.posargs:
        session.error(f"the site is built as a whole, without options. Try: {COMMAND} -s docs")
    run(session, "docs", "docs.site")


@command
def starter(session: nox.Session) -> None:
    """Write a fresh starter: `nox -s starter -- --to DIR`."""
    grader(session, "starter", *session.posargs)


def grader(session: nox.Session, *arguments: str, group: str = "grading", instead: str | None = None) -> None:
    """Call the grader's command line; relative paths count from where the student is."""
    with session.chdir(CALLED_FROM or session.invoked_from):
        run(session, group, "grader", *arguments, instead=instead)


def run(session: nox.Session, group: str, module: str, *arguments: str, instead: str | None = None) -> None:
    """Run a module in a dependency group's environment: nox announces nothing, and the shell's settings stay out.

    instead: the group that also does where this one can't be set up.
    """
    requirements = nox.project.dependency_groups(nox.project.load_toml(Path(ROOT) / "pyproject.toml"), group)
    try:
        with session.chdir(CALLED_FROM or session.invoked_from):  # pip's settings may hold relative paths
            python = environment(group, requirements, with_virtualenv)
    except SetupError as error:
        if instead is None:
            session.error(str(error))
        print(f"note: {error}: going on without it", file=sys.stderr)
        return run(session, instead, module, *arguments)
    left_out = dict.fromkeys(os.environ.keys() - clean_environment().keys())
    settings = {**left_out, "PYTHONUTF8": "1"}
    isolated = ("-I", "-X", "utf8", "-m", module)  # no module comes from where the student is
    session.run(python, *isolated, *arguments, env=settings, external=True, log=False, stderr=None)


# What follows is for those who keep the course, or teach it, and is not handed out to students.


@command
def handout(session: nox.Session) -> None:
    """Write the students' repository: `nox -s handout -- --to DIR`, or `-- --to DIR --no-reference`."""
    grader(session, "handout", *session.posargs)


@command
def classroom(session: nox.Session) -> None:
    """Put a workflow with points for GitHub Classroom into a hand-out: `nox -s classroom -- --to DIR`."""
    grader(session, "classroom", *session.posargs)


@command
def gradescope(session: nox.Session) -> None:
    """Write an autograder for Gradescope: `nox -s gradescope -- --to FILE.zip --milestones 1`."""
    grader(session, "gradescope", *session.posargs)


def grade_class(session: nox.Session) -> None:
    """Grade a class: `nox -s class -- SUBMISSIONS --out DIR --roster FILE` (options: docs/instructors.md)."""
    on_cluster = any(word.split("=")[0] == "--scheduler" for word in session.posargs)
    grader(session, "class", *session.posargs, group="cluster" if on_cluster else "class")


command(grade_class, name="class")


@command
def similarity(session: nox.Session) -> None:
    """Compare the submissions of a class with each other: `nox -s similarity -- SUBMISSIONS --out DIR`."""
    with session.chdir(CALLED_FROM or session.invoked_from):
        run(session, "similarity", "grader.classroom.similarity", *session.posargs)


@command
def worker(session: nox.Session) -> None:
    """A worker for classes on several machines: `nox -s worker -- ADDRESS`, or `-- --scheduler`."""
    run(session, "cluster", "grader.classroom.cluster", *session.posargs)


@command
def tests(session: nox.Session) -> None:
    """The repository's own tests: `nox -s tests`, or `-- -k starter`."""
    run_tests(session)


@command
def class_tests(session: nox.Session) -> None:
    """The tests of what grades a class, with sandboxes and hostile submissions: `nox -s class_tests`, or `-- FILE`."""
    run_tests(session, *(str(Path(ROOT, "tests", name)) for name in ("classroom", "hostile")))


@command
def browser(session: nox.Session) -> None:
    """The pages and the site in a headless Chromium, which must be installed: `nox -s browser`."""
    # A file stays in one process, so that its sites and pages are made once.
    parallel = [] if "--pdb" in session.posargs else ["-n", "2", "--dist", "loadfile"]
    run(session, "browser", "pytest", "-rs", *parallel, str(Path(ROOT, "tests", "browser")), *session.posargs)


@command
def hostile(session: nox.Session) -> None:
    """Grade every hostile submission at each level of isolation (minutes): `nox -s hostile`, `-- --level user`."""
    run(session, "tests", "tests.hostile", *session.posargs)


@command
def mistakes(session: nox.Session) -> None:
    """Prove that the suites catch and name every catalogued mistake: `nox -s mistakes`, or `-- 2.4`, `-- --write`."""
    proof(session)


@command
def lessons(session: nox.Session) -> None:
    """Prove what the lessons show: fences, tables, figures, links: `nox -s lessons`, or `-- 2.6`, `-- --write`."""
    proof(session)


@command
def mutation(session: nox.Session) -> None:
    """Try small changes of every exercise on the suites (ten minutes): `nox -s mutation`, or `-- -m 2`."""
    proof(session)


@command
def wrong_bodies(session: nox.Session) -> None:
    """Count how many unforeseen mistakes are caught, located and rightly named (ten minutes): `nox -s wrong_bodies`."""
    proof(session)


@command
def company(session: nox.Session) -> None:
    """Count the sets of mistakes in one task that are all named (ten minutes): `nox -s company`, or `-- --task 2.5`."""
    proof(session)


@command
def second_bodies(session: nox.Session) -> None:
    """Prove that the suites accept another body of every exercise, alone and all together (two minutes)."""
    proof(session)


@command
def blamed(session: nox.Session) -> None:
    """Count the mistakes that the explorer marks, and its false alarms (some minutes): `nox -s blamed`."""
    proof(session)


@command
def seeds(session: nox.Session) -> None:
    """Prove that each check passes with 200 other seeds and alone (ten minutes): `nox -s seeds`, `-- --seeds 20`."""
    proof(session)


@command
def convergence(session: nox.Session) -> None:
    """Count the seeds that reach each threshold of the convergence tasks (half an hour): `-- --seeds 100`."""
    proof(session)


@command
def replay(session: nox.Session) -> None:
    """What recorded answers earn in a run with another seed (ten minutes): `nox -s replay`, or `-- --limits`."""
    proof(session)


@command
def setups(session: nox.Session) -> None:
    """Prove that fresh clones set themselves up, whatever the shell says (two minutes): `nox -s setups`."""
    proof(session)


@command
def classes(session: nox.Session) -> None:
    """Prove that a class comes out the same in any order, with any workers, killed and resumed (15 minutes)."""
    run(session, "class", "proofs.classes", *session.posargs)


@command
def cluster(session: nox.Session) -> None:
    """Prove that a scheduler with two workers, of which one dies, grades a class as one machine does."""
    run(session, "cluster", "pytest", "proofs/cluster", *session.posargs)


@command
def parity(session: nox.Session) -> None:
    """Compare the reference with PyTorch: `nox -s parity` (installs torch for itself alone)."""
    run(session, "parity", "pytest", "proofs/parity", *session.posargs)


@command
def picture(session: nox.Session) -> None:
    """Draw the picture of a report that README.md shows again."""
    run(session, "grading", "docs.report_picture")


@command
def bench(session: nox.Session) -> None:
    """Speed next to NumPy, PyTorch and autograd: `nox -s bench`, `-- -w W2`; of grading: `-- --class`, `-- --watch`."""
    if "--class" in session.posargs:
        run(session, "class", "bench.submissions", *(word for word in session.posargs if word != "--class"))
    elif "--watch" in session.posargs:
        run(session, "watch", "bench.watch", *(word for word in session.posargs if word != "--watch"))
    else:
        run(session, "bench", "bench", *session.posargs)


@command
def lint(session: nox.Session) -> None:
    """The linter and its formatter: `nox -s lint`, or `-- --fix`."""
    fix = "--fix" in session.posargs
    run(session, "lint", "ruff", "check", "--quiet", *(["--fix"] if fix else []), ".")
    run(session, "lint", "ruff", "format", "--quiet", *([] if fix else ["--check"]), ".")
    # Stubbing leaves imports unused (F401); apart from them, the starter also has to lint.
    run(session, "lint", "ruff", "check", "--quiet", "--ignore", "F401,RUF100", "starter")


def run_tests(session: nox.Session, *paths: str) -> None:
    """Run pytest on what the call names, otherwise on `paths`, in parallel unless a debugger is asked for."""
    hidden = hiding(Path(ROOT))
    if hidden is not None:
        session.error(hidden)
    # More workers than there are processors, as many tests wait; who is idle takes tests from others.
    parallel = [] if "--pdb" in session.posargs else ["-n", "6", "--dist", "worksteal"]
    named = any(Path(argument.partition("::")[0]).exists() for argument in session.posargs)
    run(session, "tests", "pytest", *parallel, *(() if named else paths), *session.posargs)


def proof(session: nox.Session) -> None:
    """Call the proof that has the session's name."""
    run(session, "grading", f"proofs.{session.name}", *session.posargs)
