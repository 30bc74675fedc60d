"""The starter's generator: what it replaces, leaves and refuses; and that the starter imports and lints."""

import subprocess
import sys

import pytest

from grader.files import REPOSITORY, SOLUTIONS
from grader.source.package import read_source, source_files
from grader.source.reference import write_starter
from grader.source.starter import differences, generate
from grader.source.stubs import StarterError, exercises

EXERCISE = '''class A:
    def f(
        self,
        x,
    ):  # x is (N,)
        """One line."""
        # exercise: 2.5
        y = x  # an answer

        return y

    def g(self):
        # exercise: extra.1
        return 1
'''

STUBBED = '''class A:
    def f(
        self,
        x,
    ):  # x is (N,)
        """One line."""
        # TODO 2.5: see `nox -s hint -- 2.5`
        raise NotImplementedError("2.5: A.f is not written yet")

    def g(self):
        # TODO extra.1: see `nox -s hint -- extra.1`
        raise NotImplementedError("extra.1: A.g is not written yet")
'''


def test_a_body_becomes_a_stub_and_the_rest_stays():
    assert generate(EXERCISE) == STUBBED


def test_windows_line_ends_stay():
    assert generate(EXERCISE.replace("\n", "\r\n")) == STUBBED.replace("\n", "\r\n")


def test_only_the_chosen_exercises_become_stubs():
    half = generate(EXERCISE, chosen=lambda exercise: exercise.task_id == "2.5")
    assert "return 1" in half and "an answer" not in half


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("# exercise: 1.2\n", "outside of any function"),
        ("def f():\n    x = 1\n    # exercise: 1.2\n    return x\n", "first line of the body"),
        ("def f():\n    # a note\n    # exercise: 1.2\n    return 1\n", "first line of the body"),
        ('def f():\n    """# exercise: 1.2"""\n', "inside a string"),
        ("def f():\n    # exercise: 1.2\n    return 1\n    # an answer\n", "comment after the body"),
        ("def f():\n    # exercise 1.2\n    return 1\n", "reads exactly"),
        ("def f():\n    # exercise: 1,2\n    return 1\n", "reads exactly"),
        ("def f():\n    return 1  # exercise: 1.2\n", "first line of the body"),
        ("def f():\n    # exercise: 1.2\n    def g():\n        # exercise: 1.2\n        return 1\n", "more than one"),
    ],
)
def test_what_is_not_safe_is_refused_with_file_and_line(source, complaint):
    with pytest.raises(StarterError, match=rf"a\.py:\d+: .*{complaint}"):
        exercises(source, "a.py")


def test_a_folder_that_holds_anything_is_not_written_to(tmp_path):
    (tmp_path / "work.py").write_text("mine", encoding="utf-8")
    with pytest.raises(StarterError, match="never overwritten"):
        write_starter(tmp_path)
    assert (tmp_path / "work.py").read_text(encoding="utf-8") == "mine"


def test_differences_name_file_and_line(tmp_path):
    starter = tmp_path / "starter"
    write_starter(starter)
    assert differences(SOLUTIONS, starter) == []
    path = starter / "neural_framework" / "errors.py"
    path.write_text(read_source(path).replace("\n", "\n# mine\n", 1), encoding="utf-8", newline="")
    (starter / "neural_framework" / "mine.py").touch()
    assert differences(SOLUTIONS, starter) == [
        "neural_framework/errors.py:2: differs from what solutions/ generates",
        "neural_framework/mine.py: not in solutions/",
    ]


def test_no_line_of_an_exercise_is_left(tmp_path):
    write_starter(tmp_path / "starter")
    for name, path in source_files(SOLUTIONS).items():
        solution, starter = read_source(path), read_source(tmp_path / "starter" / name)
        assert "# exercise:" not in starter
        assert starter.count('raise NotImplementedError("') >= len(exercises(solution, name))
        assert exercises(starter, name) == ()


def test_the_starter_imports_cleanly(tmp_path):
    write_starter(tmp_path / "starter")
    code = "import warnings; warnings.simplefilter('error'); import neural_framework"
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path / "starter", check=True)


def test_a_notebook_shows_a_tensor_before_anything_is_written(tmp_path):
    write_starter(tmp_path / "starter")
    code = "import numpy, neural_framework as nf; print(nf.Tensor.wrap(numpy.eye(2))._repr_html_())"
    command = [sys.executable, "-c", code]
    table = subprocess.run(command, cwd=tmp_path / "starter", capture_output=True, encoding="utf-8", check=True).stdout
    assert "<pre>(2, 2)</pre>" in table


def test_the_package_imports_numpy_and_the_standard_library_only():
    code = (
        "import sys, neural_framework;"
        "own = {name.partition('.')[0] for name in sys.modules if hasattr(sys.modules[name], '__file__')};"
        "print(sorted(own - set(sys.stdlib_module_names) - {'numpy', 'neural_framework', '__main__'}))"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path += {sys.path!r}; {code}"],
        cwd=REPOSITORY / "solutions",
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
