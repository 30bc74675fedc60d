"""The way from `python3 noxfile.py` to a command: set-ups, the shell's settings, paths, and calls with a slip.

No network is needed: the environments of these tests borrow the packages of their own. `nox -s setups` makes real ones.
"""

import os
import shlex
import shutil
import subprocess
import sys
import textwrap
import venv

import pytest

from grader import __main__, bootstrap, environments
from grader.environments import SetupError, clean_environment, environment, environment_python, packages
from grader.files import REPOSITORY
from grader.hiding import hiding
from proofs.setups import HOSTILE, hostile_files
from tests.borrowed import borrow_environments

NAME = "[CS101] it's $HOME, 100% \u00e9" if os.name != "nt" else "[CS101] 100% \u00e9"


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """A copy of the course that is set up, in a folder whose name holds what names may hold."""
    left_out = shutil.ignore_patterns(".git", ".nox", ".course", "__pycache__", ".pytest_cache", "bench")
    copy = shutil.copytree(REPOSITORY, tmp_path_factory.mktemp("clones") / NAME, ignore=left_out)
    borrow_environments(copy, "grading", "tests")
    return copy


def call(clone, *arguments, cwd=None, stdout=subprocess.PIPE, **variables):
    command = [sys.executable, os.path.relpath(clone / "noxfile.py", cwd or clone), *map(str, arguments)]
    kept = {name: value for name, value in os.environ.items() if name != "COURSE_COMMAND"}
    streams = {"stdout": stdout, "stderr": subprocess.PIPE, "encoding": "utf-8"}
    return subprocess.run(command, cwd=cwd or clone, env={**kept, **variables}, check=False, timeout=120, **streams)


def test_the_path_of_a_clone_may_hold_any_sign(clone):
    done = call(clone, "-s", "milestone1", "--", "--tree", "solutions", "1.2")
    assert done.returncode == 0 and "10 of 10 points" in done.stdout
    raw = call(clone, "-s", "milestone1", "--", "--tree", "solutions", "1.2", "--raw", "-q")
    assert raw.returncode == 0 and "passed" in raw.stdout
    own = call(clone, "-s", "tests", "--", "-q", "-n", "2", "tests/grader/test_rooms.py")
    assert own.returncode == 0 and "passed" in own.stdout


@pytest.mark.parametrize("sign", ["[", "]", "[x]", "::", "$HOME", "%", "#", "'", '"', "&", "a b", "\u00e9", "~"])
@pytest.mark.skipif(os.name == "nt", reason="Windows does not allow some of them")
def test_the_folder_of_temporary_files_may_hold_any_sign(grader, tmp_path, monkeypatch, sign):
    (tmp_path / sign).mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / sign))
    assert grader("milestone", 1, "--tree", "solutions", "--task", "1.2").code == 0


def test_the_shells_settings_do_not_reach_a_command(clone, tmp_path):
    hostile_files(tmp_path)
    settings = {name: value.format(folder=tmp_path) for name, value in HOSTILE.items()}
    done = call(clone, "-s", "milestone1", "--", "--tree", "solutions", "1.2", **settings)
    assert done.returncode == 0 and "10 of 10 points" in done.stdout, done.stderr


def test_scripts_may_lie_next_to_the_noxfile(clone):
    names = ["random", "typing", "numpy", "pytest", "rich", "select", "queue", "nox", "types", "logging", "pip"]
    scripts = [clone / f"{name}.py" for name in names]
    for script in scripts:
        script.write_text("raise RuntimeError('a script was imported')", encoding="utf-8")
    try:
        done = call(clone, "-s", "milestone1", "--", "--tree", "solutions", "1.2")
        assert done.returncode == 0 and "10 of 10 points" in done.stdout
        assert "'numpy.py'" in call(clone, "-s", "tests").stderr
        raw = ["-s", "milestone1", "--", "--tree", "../solutions", "1.2", "--raw"]
        assert call(clone, *raw, cwd=clone / "starter").returncode == 0
        assert "note: 'logging.py', 'numpy.py'" in call(clone, "-s", "python", "--", "-c", "import numpy").stderr
    finally:
        for script in scripts:
            script.unlink()


def test_relative_paths_count_from_where_the_student_is(clone, tmp_path):
    done = call(clone, "-s", "milestone1", "--", "--tree", ".", "--out", "out", "1.2", cwd=clone / "starter")
    assert "1.2  Broadcast shapes  not started" in done.stdout
    assert (clone / "starter/out/results.json").exists()
    (tmp_path / "try_it.py").write_text("import neural_framework, pathlib; print(pathlib.Path.cwd())", encoding="utf-8")
    ran = call(clone, "-s", "python", "--", "try_it.py", cwd=tmp_path)
    assert ran.stdout.strip() == str(tmp_path.resolve())
    fresh = call(clone, "-s", "starter", "--", "--to", "fresh", cwd=tmp_path)
    assert fresh.returncode == 0 and (tmp_path / "fresh/neural_framework").is_dir()


def test_nox_itself_knows_where_the_student_is_and_takes_no_other_backend(clone):
    command = [sys.executable, "-m", "nox", "-f", "../noxfile.py", "-s", "python", "--", "--tree", "../solutions"]
    variables = {**os.environ, "NOX_DEFAULT_VENV_BACKEND": "conda"}
    command += ["-c", "import neural_framework as nf; print(nf.__file__)"]
    done = subprocess.run(command, cwd=clone / "tests", env=variables, capture_output=True, check=False)
    assert done.returncode == 0 and b"solutions" in done.stdout


def test_another_package_of_the_same_name_does_not_come_first_unnoticed(clone):
    ask = ["-s", "python", "--", "--tree", "../solutions", "-c", "import neural_framework"]
    done = call(clone, *ask, cwd=clone / "starter")
    assert done.returncode == 1 and "finds the package in" in done.stderr
    assert call(clone, "-s", "python", "--", "-c", "import neural_framework", cwd=clone / "starter").returncode == 0


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only Linux has /dev/full")
def test_a_full_disk_is_named(clone):
    with open("/dev/full", "w") as full:
        done = call(clone, "-s", "milestone1", "--", "--tree", "solutions", "1.2", stdout=full)
    assert done.returncode == 1 and "No space left" in done.stderr
    with open("/dev/full", "w") as full:
        assert call(clone, "-s", "todo", stdout=full).stderr.count("\n") == 1


@pytest.mark.skipif(os.name == "nt", reason="by the shell of other systems")
@pytest.mark.parametrize("words", ["-s todo -- 1", "-s starter", "-s milestone1 -- --tree solutions 1.2"])
def test_standard_output_may_be_closed_before_a_command_or_while_it_prints(clone, words):
    shell = {"shell": True, "cwd": clone, "stderr": subprocess.PIPE, "check": False}
    command = f"{shlex.quote(sys.executable)} noxfile.py {words}"
    closed, left = (subprocess.run(f"{command} {end}", **shell) for end in (">&-", "| true"))
    assert closed.returncode == 0 and closed.stderr == left.stderr == b""


@pytest.mark.skipif(os.name == "nt", reason="by the shell of other systems")
def test_results_are_written_also_where_no_one_reads_the_report_to_its_end(clone, tmp_path):
    options = f"--tree solutions 1.2 --out {shlex.quote(str(tmp_path))}"
    command = f"{shlex.quote(sys.executable)} noxfile.py -s milestone1 -- {options} | true"
    subprocess.run(command, shell=True, cwd=clone, check=True)
    assert (tmp_path / "results.json").exists()


def test_advice_names_the_command_that_the_student_has(clone):
    from_root, from_starter = call(clone, "-s", "hint"), call(clone, "-s", "hint", "--", "1.2", cwd=clone / "starter")
    assert "noxfile.py -s hint -- 2.3" in from_root.stderr
    assert "../noxfile.py -s hint -- 1.2" in from_starter.stdout.replace(os.sep, "/")


@pytest.mark.parametrize(
    ("typed", "better"),
    [
        ("milestone1", "-s milestone1"),
        ("milestone1 --task 1.1", "-s milestone1 -- --task 1.1"),
        ("milestone1 -- --task 1.1", "-s milestone1 -- --task 1.1"),
        ("-s milestone1 --task 1.1", "-s milestone1 -- --task 1.1"),
        ("-s milestone1 --tree=solutions 1.1", "-s milestone1 -- --tree=solutions 1.1"),
        ("-s milestone1 1.1", "-s milestone1 -- 1.1"),
        ("-s hint 2.3", "-s hint -- 2.3"),
        ("-s python script.py", "-s python -- script.py"),
        ("-s lint --fix", "-s lint -- --fix"),
        ("-s class handed-in --out results", "-s class -- handed-in --out results"),
        ("class", "-s class"),
        ("-s handout --to course", "-s handout -- --to course"),
        ("hint", "-s hint"),
        ("-s milestone1 -- --task 1.1", None),
        ("-s lint starter", None),
        ("--list", None),
        ("-s milestone1 --verbose", None),
        ("-s nothing 1.1", None),
        ("", None),
    ],
)
def test_a_call_that_lacks_a_dash_gets_the_right_one(typed, better):
    assert bootstrap.corrected(typed.split(), bootstrap.sessions()) == (better.split() if better else None)


def test_the_options_of_all_commands_are_known_there():
    (commands,) = [action.choices for action in __main__._parser()._actions if isinstance(action.choices, dict)]
    options = {name for command in commands.values() for name in command._option_string_actions}
    assert {name for name in options if name.startswith("--")} - {"--help"} <= bootstrap.OWN


def test_a_corrected_call_is_shown(clone):
    done = call(clone, "milestone1", "--task", "1.1")
    assert done.returncode == 2 and done.stderr.endswith("noxfile.py -s milestone1 -- --task 1.1\n")
    assert "noxfile.py -s hint -- 2.3`" in call(clone).stdout


def test_a_command_that_is_not_there_is_named(clone):
    done = call(clone, "milestone99")
    assert done.returncode == 2 and done.stderr.startswith("error: there is no command 'milestone99'")
    assert done.stderr.count("\n") == 1


def test_what_says_where_packages_come_from_stays(monkeypatch):
    for name in ("PIP_INDEX_URL", "PIP_NO_INDEX", "PIP_CERT", "PIP_USER", "PIP_TARGET", "PYTHONPATH", "NOXSESSION"):
        monkeypatch.setenv(name, "x")
    left = clean_environment()
    assert {"PIP_INDEX_URL", "PIP_NO_INDEX", "PIP_CERT", "PATH"} <= left.keys()
    assert left.keys().isdisjoint({"PIP_USER", "PIP_TARGET", "PYTHONPATH", "NOXSESSION"})


def test_of_pips_configuration_only_where_packages_come_from_holds(tmp_path, monkeypatch):
    """pip is replaced by a module that shows what it was started with."""
    lines = ["global.index-url='https://one'", "install.index-url='https://two'", "global.user='true'", "broken"]
    code = f"""
        import os, sys
        if "list" in sys.argv:
            print({chr(10).join(lines)!r})
        else:
            found = {{name: value for name, value in os.environ.items() if name.startswith("PIP_")}}
            open({str(tmp_path / "seen")!r}, "w").write(repr(found))
        """
    python = tmp_path / "environment"
    venv.EnvBuilder(symlinks=os.name != "nt").create(python)
    (packages(python) / "pip.py").write_text(textwrap.dedent(code), encoding="utf-8")
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_FIND_LINKS", "/wheels")
    monkeypatch.setenv("PIP_PREFIX", "/elsewhere")
    environments._pip(str(environment_python(python)), ["numpy"])
    seen = (tmp_path / "seen").read_text(encoding="utf-8")
    assert "'PIP_INDEX_URL': 'https://two'" in seen and "'PIP_FIND_LINKS': '/wheels'" in seen
    assert f"'PIP_CONFIG_FILE': {os.devnull!r}" in seen and "PIP_USER" not in seen and "PIP_PREFIX" not in seen


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(environments, "ENVIRONMENTS", tmp_path / ".nox")
    return tmp_path / ".nox"


def bare(made, requirements):
    venv.EnvBuilder(symlinks=os.name != "nt").create(made)


def test_an_environment_is_made_once_and_changes_harm_no_other(folder):
    first = environment("some", ["json"], bare)
    assert environment("some", ["json"], pytest.fail) == first

    def fails(made, requirements):
        bare(made, requirements)
        raise SetupError("no network")

    with pytest.raises(SetupError, match=r"some could not be set up in .*: no network"):
        environment("some", ["json", "ast"], fails)
    assert [str(environment_python(made)) for made in (folder / "some").iterdir()] == [first]
    assert environment("some", ["json"], pytest.fail) == first


def test_an_environment_is_remembered_only_after_an_import_that_worked(folder):
    with pytest.raises(SetupError, match="exit code 1"):
        environment("some", ["json", "no-such-module>=2"], bare)
    assert list((folder / "some").iterdir()) == []


def test_an_interrupted_set_up_is_made_again(folder):
    def interrupted(made, requirements):
        bare(made, requirements)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        environment("some", ["json"], interrupted)
    assert os.path.exists(environment("some", ["json"], bare))
    os.unlink(folder / "some" / os.listdir(folder / "some")[0] / environments.STAMP)  # as after a kill
    assert os.path.exists(environment("some", ["json"], bare))


def test_of_two_first_runs_one_waits(tmp_path):
    code = f"""
        import sys, time, venv
        from grader import environments
        environments.ENVIRONMENTS = environments.Path({str(tmp_path / ".nox")!r})
        def slow(folder, requirements):
            print("filled")
            time.sleep(1)
            venv.EnvBuilder(symlinks={os.name != "nt"}).create(folder)
        environments.environment("some", ["json"], slow)
        """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "encoding": "utf-8"}
    both = [subprocess.Popen(command, cwd=REPOSITORY, **streams) for _ in range(2)]
    outputs = [process.communicate(timeout=60) for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert "".join(out for out, _ in outputs) == "filled\n"
    assert "waiting" in "".join(err for _, err in outputs)


@pytest.mark.parametrize(("sign", "complaint"), [(os.pathsep, "separates folders"), ("\udcff", "not UTF-8")])
def test_a_name_that_python_can_not_work_with_is_refused(folder, tmp_path, monkeypatch, sign, complaint):
    monkeypatch.setattr(environments, "REPOSITORY", tmp_path / f"hw 1{sign}2")
    with pytest.raises(SetupError, match=complaint):
        environment("some", ["json"], pytest.fail)


@pytest.mark.skipif(os.pathsep != ":", reason="of a system with ':' between folders")
def test_such_a_tree_is_graded_and_is_refused_where_it_has_to_be_on_the_path(tree, grader):
    renamed = tree.rename(tree.with_name("hw 1:2"))
    assert grader("milestone", 1, "--tree", renamed, "1.2").code == 0
    for arguments in (["milestone", 1, "--tree", renamed, "1.2", "--raw"], ["python", "--tree", renamed, "-c", "1"]):
        refused = grader(*arguments)
        assert refused.code == 2 and "has a ':' in its name" in refused.errors


def test_scripts_that_hide_no_module_are_not_named(tmp_path):
    (tmp_path / "utils.py").touch()
    (tmp_path / "main.py").touch()
    assert hiding(tmp_path) is None
    (tmp_path / "queue.py").touch()
    assert "'queue.py'" in hiding(tmp_path) and "utils" not in hiding(tmp_path)
