"""Makes the environments that the commands run in: one for each Python and list of packages, complete or absent."""

from __future__ import annotations

import ast
import contextlib
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import time
import venv
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from .locks import lock

REPOSITORY = Path(__file__).resolve().parent.parent
ENVIRONMENTS = REPOSITORY / ".nox"
STAMP = "complete"  # the file in an environment that says so
# What of pip's settings reaches a set-up: where packages come from. How they are installed is not the shell's to say.
WHERE = {"index-url", "extra-index-url", "find-links", "no-index", "constraint", "cache-dir", "no-cache-dir"}
WHERE |= {"proxy", "cert", "client-cert", "trusted-host", "timeout", "default-timeout", "retries"}
WHERE |= {"keyring-provider", "use-feature", "use-deprecated"}  # truststore, legacy-certs
MODULES = {"pytest-xdist": "xdist", "PyYAML": "yaml"}  # where a package's module has another name
ADVICE = ". Is pip there (python3 -m pip --version), and the network?"


class SetupError(Exception):
    """An environment could not be made; the message says which, and why."""


def environment(name: str, requirements: Sequence[str], fill: Callable[[Path, Sequence[str]], None]) -> str:
    """The Python of an environment with these packages, which `fill` makes where there is none yet.

    Each Python and each list of packages has a folder of its own, so that a set-up never harms another that works.
    """
    wanted = "\n".join([sys.version, platform.machine(), *requirements])
    version = ".".join(map(str, sys.version_info[:3]))
    folder = ENVIRONMENTS / name / f"{version}-{hashlib.sha256(wanted.encode()).hexdigest()[:8]}"
    if not _complete(folder, wanted):
        refuse_name(REPOSITORY)
        try:
            with _locked(ENVIRONMENTS / "lock"):
                if not _complete(folder, wanted):  # another process may have made it in the meantime
                    print(f"Setting up {name}, once ...", file=sys.stderr, flush=True)
                    _make(folder, requirements, fill)
                    (folder / STAMP).write_text(wanted, encoding="utf-8")
        except (OSError, SetupError) as error:
            raise SetupError(f"{name} could not be set up in {folder}: {error}") from None
    return str(environment_python(folder))


def environment_python(folder: Path) -> Path:
    """Where the Python of a virtual environment lies on this system."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def refuse_name(folder: Path) -> None:
    """SetupError where Python's own tools can't work in a folder because of its name."""
    if re.search("[\ud800-\udfff]", str(folder)):
        raise SetupError(f"the folder {str(folder)!r} has bytes in its name that are not UTF-8: rename it")
    if os.pathsep in str(folder):
        raise SetupError(
            f"the folder {str(folder)!r} has a {os.pathsep!r} in its name, which separates folders on Python's path: "
            f"rename it (where a file manager shows '/', the name may hold ':')"
        )


def with_venv(folder: Path, requirements: Sequence[str]) -> None:
    """Fill an environment with the standard library and the pip at hand.

    It is made without ensurepip, which some systems leave out. With --target, pip installs there also where the
    system's Python is "externally managed" (PEP 668).
    """
    venv.EnvBuilder(symlinks=os.name != "nt").create(folder)
    _pip(sys.executable, ["--target", str(packages(folder)), *requirements])


def with_virtualenv(folder: Path, requirements: Sequence[str]) -> None:
    """Fill an environment with virtualenv, which comes with nox and brings a pip."""
    settings = {**clean_environment(), "VIRTUALENV_CONFIG_FILE": os.devnull}
    _run([*_module(sys.executable, "virtualenv"), "--quiet", "--clear", str(folder)], settings)
    _pip(str(environment_python(folder)), requirements)


def packages(folder: Path) -> Path:
    """Where the packages of a virtual environment are."""
    paths = {"base": str(folder), "platbase": str(folder)}
    plain = "nt" if os.name == "nt" else "posix_prefix"
    scheme = "venv" if "venv" in sysconfig.get_scheme_names() else plain
    return Path(sysconfig.get_path("purelib", scheme, vars=paths))


def clean_environment() -> dict[str, str]:
    """The shell's variables without settings of Python, pip, nox and virtualenv; where packages come from stays."""
    variables = {name: value for name, value in os.environ.items() if _stays(name)}
    if "NO_COLOR" in variables:
        variables.pop("FORCE_COLOR", None)  # nox refuses both
    return variables


def _stays(name: str) -> bool:
    if name.startswith("PIP_"):
        return _option(name) in WHERE | {"config-file"}
    return name == "PYTHONIOENCODING" or not name.startswith(("PYTHON", "NOX", "VIRTUALENV_", "VIRTUAL_ENV"))


def _option(variable: str) -> str:
    return variable[len("PIP_") :].lower().replace("_", "-")


def _complete(folder: Path, wanted: str) -> bool:
    try:
        return environment_python(folder).exists() and (folder / STAMP).read_text(encoding="utf-8") == wanted
    except OSError:
        return False


def _make(folder: Path, requirements: Sequence[str], fill: Callable[[Path, Sequence[str]], None]) -> None:
    """A filled environment, in which each package can be imported; nothing is left of one that failed."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        fill(folder, requirements)
        # The repository comes last on the path: a script next to noxfile.py may be named like a module.
        (packages(folder) / "course.pth").write_text(f"{os.path.relpath(REPOSITORY, packages(folder))}\n", "utf-8")
        names = [re.match(r"[\w.-]+", requirement)[0] for requirement in requirements if ";" not in requirement]
        modules = ", ".join(MODULES.get(name, name.replace("-", "_")) for name in names)
        _run([str(environment_python(folder)), "-I", "-c", f"import {modules}"], clean_environment())
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _pip(python: str, arguments: Sequence[str]) -> None:
    """Run `pip install`: of pip's settings, those in files included, only those in WHERE hold."""
    pip = [*_module(python, "pip"), "--disable-pip-version-check"]
    variables = clean_environment()
    listed = _run([*pip, "config", "list"], variables, ADVICE, stdout=subprocess.PIPE).stdout.decode("utf-8")
    found = dict(re.findall(r"^([\w.-]+)=(.+?)\r?$", listed, re.MULTILINE))
    settings = {}
    for section in ("global", "install"):  # the later one wins, and a variable over both
        options = {name: f"{section}.{name}" for name in WHERE}
        settings.update({name: ast.literal_eval(found[key]) for name, key in options.items() if key in found})
    named = {f"PIP_{name.upper().replace('-', '_')}": value for name, value in settings.items()}
    fixed = {"PIP_CONFIG_FILE": os.devnull, "PIP_ROOT_USER_ACTION": "ignore"}
    _run([*pip, "install", "--quiet", *arguments], {**named, **variables, **fixed}, ADVICE)


def _module(python: str, name: str) -> list[str]:
    """`python -m name`, which does not look for modules in the folder where it is started."""
    code = "import sys; del sys.path[0]; import runpy; runpy.run_module(sys.argv.pop(1), None, '__main__', True)"
    return [python, "-c", code, name]


def _run(
    command: Sequence[str], variables: dict[str, str], advice: str = "", **settings
) -> subprocess.CompletedProcess:
    """Run a step of a set-up; SetupError where it fails."""
    done = subprocess.run(command, env={**variables, "PYTHONUTF8": "1"}, check=False, **settings)
    if done.returncode:
        called = [word for word in command[3:] if not word.startswith("-")] or command[1:]
        raise SetupError(f"`{' '.join(called)}` ended with exit code {done.returncode}{advice}")
    return done


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Wait until no other process holds this file, and hold it; the system lets go of it when the process ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        waiting = False
        while not lock(file.fileno()):
            if not waiting:
                print("Another command is being set up: waiting for it ...", file=sys.stderr, flush=True)
            waiting = True
            time.sleep(0.2)
        yield
