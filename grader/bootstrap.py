"""Runs nox on a machine that has only Python and pip: `python3 noxfile.py -s milestone1`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent


def run_nox() -> int:
    """Run nox with this command line's arguments; its exit code."""
    if sys.version_info < (3, 10):  # noqa: UP036 (the one file that an older Python comes to read)
        print(f"error: Python 3.10 or newer is needed, and this is {sys.version.split()[0]}", file=sys.stderr)
        return 2
    folder = REPOSITORY / ".nox" / "nox"
    python = environment_python(folder)
    try:
        stamp = folder / "complete"
        if not (python.exists() and stamp.exists()) or stamp.read_text(encoding="utf-8") != sys.version:
            _install(folder)
            stamp.write_text(sys.version, encoding="utf-8")
        environment = {**os.environ, "COURSE_COMMAND": f"{'py' if os.name == 'nt' else 'python3'} noxfile.py"}
        command = [python, "-m", "nox", *sys.argv[1:]]
        return subprocess.run(command, cwd=REPOSITORY, env=environment, check=False).returncode
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"error: nox could not be set up in {folder}: {error}", file=sys.stderr)
        print("Is pip there (python3 -m pip --version), and the network?", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def environment_python(folder: Path) -> Path:
    """Where the Python of a virtual environment lies on this system."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _install(folder: Path) -> None:
    """A virtual environment with nox in it.

    Made without ensurepip, which some systems leave out, and filled by the pip at hand: with --target it installs
    there also where the system's Python is "externally managed" (PEP 668).
    """
    print("Setting up nox, once ...", file=sys.stderr)
    shutil.rmtree(folder, ignore_errors=True)
    venv.EnvBuilder(symlinks=os.name != "nt").create(folder)
    paths = {"base": str(folder), "platbase": str(folder)}
    scheme = "venv" if "venv" in sysconfig.get_scheme_names() else sysconfig.get_default_scheme()
    packages = sysconfig.get_path("purelib", scheme, vars=paths)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--target", packages, "nox"], check=True)
