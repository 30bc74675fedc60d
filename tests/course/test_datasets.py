"""The data sets: what the loaders return, and that the files are the generator's."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import datasets
from datasets.generate import SYNTHETIC

ROOT = Path(__file__).parents[2]


def generate(folder, *arguments):
    command = [sys.executable, "-m", "datasets.generate", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8")


@pytest.fixture
def copy(tmp_path):
    """A folder with a copy of datasets/ to change."""
    shutil.copytree(ROOT / "datasets", tmp_path / "datasets", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_files_and_table_are_as_generated():
    result = generate(ROOT, "--check")
    assert result.returncode == 0, result.stdout


def test_deleted_files_come_back_bit_for_bit(copy):
    originals = {path.name: path.read_bytes() for path in (copy / "datasets").glob("*.*")}
    for name in SYNTHETIC:
        (copy / "datasets" / name).unlink()
    assert generate(copy).returncode == 0
    assert {path.name: path.read_bytes() for path in (copy / "datasets").glob("*.*")} == originals


@pytest.mark.parametrize("name", ["line.csv", "recall_long.txt", "README.md", "lessons.txt", "digits.npy"])
def test_check_notices_a_changed_file(copy, name):
    path = copy / "datasets" / name
    content = path.read_bytes()
    changed = content.replace(b"| xor |", b"| XOR |") if name == "README.md" else content[:-2] + b"?\n"
    assert changed != content
    path.write_bytes(changed)
    result = generate(copy, "--check")
    assert result.returncode == 1
    assert (name if name in SYNTHETIC else "README.md") in result.stdout
    assert path.read_bytes() == changed  # nothing was written


def test_no_file_is_missing_from_the_table():
    table = (ROOT / "datasets" / "README.md").read_text(encoding="utf-8")
    files = [path.name for path in datasets.FOLDER.iterdir() if path.suffix in (".csv", ".txt", ".npy")]
    assert len(files) == 9
    assert [name for name in files if f"| {name} |" not in table] == []


@pytest.mark.parametrize("classes, load", [(2, datasets.xor), (2, datasets.spirals)])
def test_classes_of_points_are_equally_large(classes, load):
    inputs, labels = load()
    assert inputs.dtype == np.float32 and labels.dtype == np.int64
    assert inputs.shape == (len(labels), 2)
    assert np.bincount(labels).tolist() == [len(labels) // classes] * classes


def test_xor():
    inputs, labels = datasets.xor()
    assert [[*row, label] for row, label in zip(inputs.tolist(), labels.tolist(), strict=True)] == [
        [0, 0, 0],
        [0, 1, 1],
        [1, 0, 1],
        [1, 1, 0],
    ]


def test_the_line_is_the_one_that_the_targets_follow():
    inputs, targets = datasets.line()
    assert inputs.dtype == targets.dtype == np.float32
    assert inputs.shape == targets.shape == (64, 1)
    np.testing.assert_allclose(np.polyfit(inputs[:, 0], targets[:, 0], 1), [2, -1], atol=0.15)


def test_a_line_does_not_separate_the_spirals():
    inputs, labels = datasets.spirals()
    columns = np.column_stack([inputs, np.ones(len(inputs))])
    solution = np.linalg.lstsq(columns, labels, rcond=None)[0]
    assert np.mean((columns @ solution > 0.5) == labels) < 0.8


def test_sequences_bounce():
    symbols = datasets.sequences()
    assert symbols.shape == (64, 21) and symbols.dtype == np.int64
    steps = np.diff(symbols)
    assert set(np.unique(symbols)) == set(range(8)) and set(np.unique(steps)) == {-1, 1}
    turned = steps[:, 1:] != steps[:, :-1]
    assert (turned == np.isin(symbols[:, 1:-1], [0, 7])).all()


@pytest.mark.parametrize("length, steps", [("short", 5), ("long", 50)])
def test_recall(length, steps):
    for size, (symbols, labels) in zip((1024, 256), datasets.recall(length), strict=True):
        assert symbols.shape == (size, steps) and symbols.dtype == labels.dtype == np.int64
        assert (symbols[:, 0] == labels).all()
        assert set(np.unique(symbols[:, 1:])) == {2, 3, 4, 5}
        assert 0.4 < labels.mean() < 0.6


def test_the_tale_is_made_of_few_words():
    text = datasets.tale()
    assert text.count("\n") == 120 and len(set(text)) < 27
    assert len({word.strip(".:") for word in text.split()}) < 30


def test_every_tenth_block_of_the_lessons_is_held_out():
    text, held_out = datasets.lessons()
    whole = (datasets.FOLDER / "lessons.txt").read_text(encoding="utf-8")
    assert held_out.startswith(whole[4500:5000] + whole[9500:10000])
    assert text.startswith(whole[:4500] + whole[5000:9500]) and len(text) + len(held_out) == len(whole)
    assert len(held_out) % 500 == 0 and set(held_out) <= set(whole)


def test_recall_names_its_lengths():
    with pytest.raises(ValueError, match='"short" and "long"'):
        datasets.recall("medium")


def test_digits():
    (images, labels), (held_out_images, held_out_labels) = datasets.digits()
    assert images.shape == (1437, 64) and held_out_images.shape == (360, 64)
    assert images.dtype == np.float32 and labels.dtype == held_out_labels.dtype == np.int64
    assert images.min() == 0 and images.max() == 1
    counts = np.bincount(np.concatenate([labels, held_out_labels])).tolist()
    assert counts == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]  # as UCI's description states
