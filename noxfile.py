"""Every command of the course: `nox` lists them. Where nox is not installed, `python3 noxfile.py` replaces it."""

import logging
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent
sys.path.insert(0, str(REPOSITORY))  # nox does not put the folder of its noxfile there

from grader.bootstrap import environment_python, run_nox

if __name__ == "__main__":  # `python3 noxfile.py -s milestone1`: nothing is needed but Python and pip
    raise SystemExit(run_nox())

import nox

logging.getLogger("nox").setLevel(logging.ERROR)  # the commands speak for themselves
logging.getLogger("nox").addFilter(lambda record: "failed" not in record.getMessage())
nox.needs_version = ">=2025.2.9"
nox.options.sessions = []  # plain `nox` lists the sessions
nox.options.default_venv_backend = "none"  # sessions share environments, one a dependency group: see environment()

SETTINGS = {"PYTHONUTF8": "1", "PYTHONPATH": str(REPOSITORY)}


def milestone_session(number: int, title: str) -> None:
    """Add the session that grades a milestone."""

    @nox.session(name=f"milestone{number}")
    def milestone(session: nox.Session) -> None:
        grader(session, "milestone", str(number), *session.posargs)

    milestone.__doc__ = f"Grade {title}: `nox -s milestone{number}`, or `-- --tree solutions`, `-- --task {number}.3`."


for tasks in sorted((REPOSITORY / "milestones").glob("milestone*/tasks.toml")):
    milestone_session(int(tasks.parent.name[len("milestone") :].split("_")[0]), nox.project.load_toml(tasks)["title"])


@nox.session
def grade(session: nox.Session) -> None:
    """Grade all milestones of one tree: `nox -s grade -- --tree solutions --out results`."""
    grader(session, "grade", *session.posargs)


@nox.session
def hint(session: nox.Session) -> None:
    """The next, more telling hint for a task: `nox -s hint -- 2.3`."""
    if len(session.posargs) != 1:
        session.error("which task, one at a time? Try: nox -s hint -- 2.3")
    grader(session, "hint", *session.posargs)


@nox.session
def python(session: nox.Session) -> None:
    """Run a script, or a prompt, with starter/ importable: `nox -s python -- script.py`."""
    grader(session, "python", *session.posargs)


@nox.session
def starter(session: nox.Session) -> None:
    """Check that starter/ is what solutions/ generates; `-- --to DIR` writes a fresh one."""
    grader(session, "starter", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """The repository's own tests: `nox -s tests`, or `-- -k starter`."""
    parallel = [] if "--pdb" in session.posargs else ["-n", "4"]  # more than there are processors: many tests wait
    run(session, environment(session, "tests"), "-m", "pytest", *parallel, *session.posargs)


@nox.session
def mistakes(session: nox.Session) -> None:
    """Prove that the suites catch and name every catalogued mistake: `nox -s mistakes`, or `-- 2.4`, `-- --write`."""
    run(session, environment(session, "grading"), "-m", "proofs.mistakes", *session.posargs)


@nox.session
def mutation(session: nox.Session) -> None:
    """Try small changes of every exercise on the suites (ten minutes): `nox -s mutation`, or `-- -m 2`."""
    run(session, environment(session, "grading"), "-m", "proofs.mutation", *session.posargs)


@nox.session
def second_bodies(session: nox.Session) -> None:
    """Prove that the suites accept another body of every exercise, alone and all together (two minutes)."""
    run(session, environment(session, "grading"), "-m", "proofs.second_bodies", *session.posargs)


@nox.session
def seeds(session: nox.Session) -> None:
    """Prove that each check passes with 200 other seeds and alone (ten minutes): `nox -s seeds`, `-- --seeds 20`."""
    run(session, environment(session, "grading"), "-m", "proofs.seeds", *session.posargs)


@nox.session
def convergence(session: nox.Session) -> None:
    """Count the seeds that reach each threshold of the convergence tasks (half an hour): `-- --seeds 100`."""
    run(session, environment(session, "grading"), "-m", "proofs.convergence", *session.posargs)


@nox.session
def parity(session: nox.Session) -> None:
    """Compare the reference with PyTorch: `nox -s parity` (installs torch for itself alone)."""
    run(session, environment(session, "parity"), "-m", "pytest", "proofs/parity", *session.posargs)


@nox.session
def picture(session: nox.Session) -> None:
    """Draw the picture of a report that README.md shows again."""
    run(session, environment(session, "grading"), "-m", "docs.report_picture")


@nox.session
def bench(session: nox.Session) -> None:
    """Speed next to hand-written NumPy, PyTorch and autograd: `nox -s bench`, or `-- -w W2`, `-- --growth`."""
    run(session, environment(session, "bench"), "-m", "bench", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """The linter and its formatter: `nox -s lint`, or `-- --fix`."""
    ruff = environment(session, "lint")
    fix = "--fix" in session.posargs
    run(session, ruff, "-m", "ruff", "check", "--quiet", *(["--fix"] if fix else []), ".")
    run(session, ruff, "-m", "ruff", "format", "--quiet", *([] if fix else ["--check"]), ".")
    # Stubbing leaves imports unused (F401); apart from them, the starter also has to lint.
    run(session, ruff, "-m", "ruff", "check", "--quiet", "--ignore", "F401,RUF100", "starter")


def grader(session: nox.Session, *arguments: str) -> None:
    """Call the grader's command line."""
    run(session, environment(session, "grading"), "-m", "grader", *arguments)


def run(session: nox.Session, *command: str) -> None:
    """Run a command that speaks for itself: nox announces nothing, and keeps the exit code."""
    session.run(*command, env=SETTINGS, external=True, log=False)


def environment(session: nox.Session, group: str) -> str:
    """The Python of a dependency group's environment; built again when pyproject.toml changes the group."""
    requirements = nox.project.dependency_groups(nox.project.load_toml("pyproject.toml"), group)
    folder = REPOSITORY / ".nox" / group
    python, stamp = str(environment_python(folder)), folder / "requirements.txt"
    wanted = "\n".join([f"# Python {sys.version}", *requirements])
    if not (Path(python).exists() and stamp.exists()) or stamp.read_text(encoding="utf-8") != wanted:
        print(f"Setting up the environment for {group}, once ...", flush=True)
        session.run(sys.executable, "-m", "virtualenv", "--quiet", "--clear", str(folder), external=True, log=False)
        install = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        session.run(python, *install, *requirements, external=True, log=False)
        stamp.write_text(wanted, encoding="utf-8")
    return python
