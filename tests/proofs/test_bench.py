"""The benchmark: the floor and the reference compute the same, and what differs or fails shows; no time is asserted."""

import ast
import json
from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console

from bench import floor, report, trees
from bench.ablations import ABLATIONS, everywhere, measure_ablations, read
from bench.growth import measure_growth
from bench.measure import FLOOR, Row, System, disagreement, measure, memory_growth, outcome
from bench.workloads import W3, W4, W5, WORKLOADS

SMALL = [replace(W3, size=8), replace(W4, size=3), replace(W5, size=6)]
ONCE = [workload for workload in WORKLOADS if workload.kind in ("W1", "W2", "W6", "W7", "W8", "W9")] + SMALL


@pytest.fixture(scope="module")
def reference():
    import neural_framework

    return System("reference", trees.tree_steps(neural_framework))


@pytest.mark.parametrize("workload", ONCE, ids=lambda workload: workload.kind)
def test_the_reference_computes_what_the_floor_computes(workload, reference):
    expected = outcome(floor.STEPS[workload.kind], workload)
    assert np.isfinite(expected).all()
    assert disagreement(outcome(reference.steps[workload.kind], workload), expected) is None


@pytest.mark.parametrize("workload", ONCE[:2] + SMALL[:2], ids=lambda workload: workload.kind)
def test_ten_steps_change_the_loss_far_more_than_the_tolerance(workload):
    losses = outcome(floor.STEPS[workload.kind], workload)
    assert losses[-1] < 0.99 * losses[0]


def test_the_floor_of_the_chain_differentiates_in_closed_form():
    arrays = W5.make_arrays()
    _, dx = floor.STEPS["W5"](arrays, 0.0)()
    np.testing.assert_allclose(dx, arrays["a"].astype(float) ** (W5.size // 2), rtol=1e-4)


def test_numbers_that_differ_are_named_and_nan_differs_from_everything():
    expected = np.array([1.0, 2.0])
    assert disagreement(np.array([1.0, 2.0001]), expected) is None
    assert "number 1" in disagreement(np.array([1.0, 2.1]), expected)
    assert "number 0" in disagreement(np.array([np.nan, 2.0]), expected)
    assert "3 numbers" in disagreement(np.ones(3), expected)


def test_a_system_that_computes_something_else_or_fails_has_no_figure():
    def unwritten(arrays, lr):
        raise NotImplementedError("2.5: Multiply.backward is not written yet")

    xor = WORKLOADS[0]
    faster = System("faster", {"W1": lambda arrays, lr: floor.xor(arrays, 2 * lr)})
    row = measure(xor, [System(FLOOR, floor.STEPS), faster, System("tree", {"W1": unwritten})], rounds=1)
    assert list(row.seconds) == [FLOOR]
    assert "number 1 of 10" in row.failures["faster"]
    assert "2.5" in row.failures["tree"]


def test_another_tree_has_its_own_modules(tree, reference):
    """The copy's Adam is spoilt; the reference's stays as it is."""
    adam = tree / "neural_framework" / "optim" / "adam.py"
    source = adam.read_text(encoding="utf-8")
    assert "parameter.data -= work" in source
    adam.write_text(source.replace("parameter.data -= work", "parameter.data += work"), encoding="utf-8")
    import neural_framework

    copy = trees.load_tree(tree)
    assert copy is not neural_framework
    expected = outcome(floor.STEPS["W1"], WORKLOADS[0])
    assert disagreement(outcome(trees.tree_steps(copy)["W1"], WORKLOADS[0]), expected) is not None
    assert disagreement(outcome(reference.steps["W1"], WORKLOADS[0]), expected) is None


def test_a_folder_without_the_package_is_refused(tmp_path):
    with pytest.raises(ImportError, match="neural_framework"):
        trees.load_tree(tmp_path)


def test_ratios_are_of_the_same_round_and_means_need_every_workload():
    rows = [Row(workload, {FLOOR: [1.0, 2.0, 4.0], "tree": [3.0, 6.0, 12.0]}) for workload in WORKLOADS]
    assert list(rows[0].ratios("tree")) == [3.0, 3.0, 3.0]
    assert report.mean_ratio(rows, "tree", FLOOR) == pytest.approx(3.0)
    assert report.mean_ratio(rows[1:], "tree", FLOOR) is None
    assert report.mean_ratio(rows, "tree", "PyTorch") is None
    assert report.chain_growth(rows, "tree") == pytest.approx(1 / 20)


def test_the_report_holds_ratios_goals_and_failures(tmp_path):
    row = Row(WORKLOADS[0], {FLOOR: [1e-5] * 3, "reference": [4e-5, 5e-5, 6e-5]}, {"tree": "KeyError: 'x'"})
    console = Console(record=True, width=100)
    report.print_ratios(console, [row])
    report.print_times(console, [row])
    screen = console.export_text()
    for shown in ("3.70", "5.00 ±0.50", "fails", "KeyError: 'x'", "50"):
        assert shown in screen
    report.write_json(tmp_path / "bench.json", [row], None)
    written = json.loads((tmp_path / "bench.json").read_text(encoding="utf-8"))
    assert written["workloads"][0]["systems"]["reference"]["ratio"] == pytest.approx(5.0)


def test_growth_measures_sizes_and_memory(monkeypatch, reference):
    monkeypatch.setattr("bench.growth.SIZES", [(W5, (4, 8))])
    monkeypatch.setattr("bench.growth.WORKLOADS", SMALL[2:])
    growth = measure_growth([System(FLOOR, floor.STEPS), reference], {"W5"}, 1, lambda what: None)
    assert [row.workload.size for row in growth.rows] == [4, 8]
    assert growth.memory[0].peak > growth.memory[0].floor_peak > 0
    console = Console(record=True, width=100)
    report.print_growth(console, growth)
    assert "W5, 8" in console.export_text()


@pytest.mark.parametrize("workload", ONCE[:1] + SMALL[1:2], ids=lambda workload: workload.kind)
def test_the_reference_holds_no_more_after_many_steps(workload, reference):
    assert memory_growth(reference.steps[workload.kind], workload, steps=20) == 0


def test_memory_that_grows_is_seen():
    def hoarder(arrays, lr):
        hoard = []
        return lambda: hoard.append(np.zeros(100))

    assert memory_growth(hoarder, WORKLOADS[0], steps=20) == 20 * 800


@pytest.mark.parametrize("ablation", ABLATIONS[1:], ids=lambda ablation: ablation.title)
def test_every_optimisation_can_be_undone(ablation):
    text = {file: read(file) for file, _ in ablation.changes}
    for file, change in ablation.changes:
        changed = change(text[file])
        assert changed != text[file], f"{file} stays as it is"
        text[file] = changed
    for changed in text.values():
        ast.parse(changed)
    assert text == ablation.texts()


def test_what_an_optimisation_buys_is_measured_and_shown(tmp_path):
    chosen = [one for one in ABLATIONS if one.apart or "ReLU" in one.title]
    bought = measure_ablations({"W6"}, 1, lambda what: None, chosen)
    assert [(one.ablation, one.workload) for one in bought] == [(one, "W6") for one in chosen]
    console = Console(record=True, width=120)
    report.print_ablations(console, bought)
    assert "operations/piecewise.py" in console.export_text()
    report.write_json(tmp_path / "bench.json", [], None, bought)
    written = json.loads((tmp_path / "bench.json").read_text(encoding="utf-8"))["ablations"]
    assert written[0]["without"] == pytest.approx(float(bought[0].without[0]))


def test_an_ablation_that_computes_something_else_is_no_ablation():
    spoilt = replace(ABLATIONS[0], changes=everywhere("np.maximum", "np.minimum", "operations/piecewise.py"))
    with pytest.raises(ValueError, match="W6"):
        measure_ablations({"W6"}, 1, lambda what: None, [spoilt])
