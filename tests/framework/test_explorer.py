"""The explorer: what it records is what backward does, what it blames is wrong, and its page holds it safely."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

import neural_framework as nf
from grader.files import SOLUTIONS
from neural_framework import Tensor
from tests.explored import GRAPHS, facts_of, leaf


def explored(loss, tmp_path):
    return facts_of(nf.explore(loss, tmp_path / "page.html"))


def blamed(facts):
    """Everything that is marked on a page."""
    found = [bad["kind"] for event in facts["events"] for bad in event["bad"]]
    found += [edge["bad"]["kind"] for event in facts["events"] for edge in event["edges"] if edge["bad"]]
    return found + [tensor["bad"]["kind"] for tensor in facts["tensors"] if tensor["bad"]]


def last_sums(facts):
    """{tensor: the sum on the page after the last event}."""
    sums = {}
    for event in facts["events"]:
        for edge in event["edges"]:
            if edge["sent"] is not None:
                sums[edge["to"]] = edge.get("sum", edge["sent"])
    return sums


@pytest.mark.parametrize("name", GRAPHS)
def test_the_last_sums_are_the_gradients_and_nothing_is_blamed(name, tmp_path):
    loss = GRAPHS[name]()
    facts = explored(loss, tmp_path)
    assert blamed(facts) == [] and facts["error"] is None
    for number, total in last_sums(facts).items():
        tensor = facts["tensors"][number]
        if tensor["leaf"]:
            np.testing.assert_allclose(np.array(total, float), np.array(tensor["grad"], float), rtol=1e-4, atol=1e-9)


def test_exploring_changes_nothing(tmp_path):
    x = leaf(3)
    parts = x[:2]
    loss = (parts * parts).sum()
    x.grad = before = Tensor(np.ones(3))
    nf.explore(loss, tmp_path / "page.html")
    assert x.grad is before
    assert parts.grad_fn.adds_in_place
    assert "backward" not in vars(loss.grad_fn)
    loss.backward()
    np.testing.assert_allclose(x.grad.data, 1 + 2 * np.append(x.data[:2], 0))


class Wrong(nf.Operation):
    """y = 3 x, with a backward to be chosen."""

    def __init__(self, backward):
        self.wrong = backward

    def forward(self, x):
        self.x = x
        return 3 * x

    def backward(self, grad):
        return self.wrong(self, grad)


def writes_into_grad(_, grad):
    grad *= 3
    return grad


def writes_into_kept(operation, grad):
    operation.x += 1
    return 3 * grad


@pytest.mark.parametrize(
    ("backward", "kind"),
    [
        (lambda _, grad: 2 * grad, "value"),
        (lambda _, grad: -3 * grad, "value"),
        (lambda _, grad: None, "none"),
        (lambda _, grad: np.ones(7), "shape"),
        (lambda _, grad: (3 * grad, grad), "count"),
        (writes_into_grad, "wrote"),
        (writes_into_kept, "wrote"),
    ],
)
def test_a_wrong_backward_is_blamed_with_its_place(backward, kind, tmp_path):
    facts = explored(nf.apply(Wrong(backward), leaf(2)).sum(), tmp_path)
    assert kind in blamed(facts)
    assert facts["ops"][0]["place"].startswith("test_explorer.py:")


def test_yours_and_measured_are_told(tmp_path, capsys):
    x = Tensor(2.0, requires_grad=True)
    facts = explored(nf.apply(Wrong(lambda _, grad: 2 * grad), x), tmp_path)
    assert facts["events"][0]["edges"][0]["bad"] == {"kind": "value", "at": [], "yours": 2, "measured": 3}
    assert "yours 2, measured 3" in capsys.readouterr().out


def test_a_stub_waits_for_its_task(tmp_path):
    def stub(_, grad):
        raise NotImplementedError("2.7: Tanh.backward is not written yet")

    facts = explored(nf.apply(Wrong(stub), leaf(2)).sum(), tmp_path)
    assert facts["error"]["task"] == facts["events"][-1]["error"]["task"] == "2.7"


def test_names_come_from_the_variables_of_the_script(tmp_path):
    w, x = leaf(2), leaf(2)
    model = nf.Linear(2, 1)
    layers = [leaf()]
    facts = explored(model(w * x).sum() + layers[0], tmp_path)
    names = {tensor["name"] for tensor in facts["tensors"]}
    assert {"w", "x", "w * x", "model.weight", "model.bias", "layers[0]", "loss"} <= names


class Answers:
    """Raises something else than AttributeError, as what looks names up in a dictionary does."""

    def __getattr__(self, name):
        raise KeyError(name)

    def __repr__(self):
        raise KeyError


def test_variables_that_can_not_be_asked_leave_the_others_their_names(tmp_path):
    held, config, w = {Answers(): leaf()}, [Answers()], leaf()
    facts = explored(w * next(iter(held.values())), tmp_path)
    assert {tensor["name"] for tensor in facts["tensors"]} == {"w", "leaf 1", "loss"} and config


def test_hostile_names_and_numbers_are_only_data(tmp_path):
    hostile = {"</script><script>alert(1)</script>&": Tensor([np.nan, np.inf], requires_grad=True)}
    page = nf.explore((hostile["</script><script>alert(1)</script>&"] * 2.0).sum(), tmp_path / "page.html")
    assert page.read_text(encoding="utf-8").count("</script>") == 2
    assert any("</script>" in tensor["name"] for tensor in facts_of(page)["tensors"])
    assert ["nan", "inf"] in [tensor["data"] for tensor in facts_of(page)["tensors"]]


def test_time_steps_and_modules_fold_and_the_page_stays_small(tmp_path):
    model = nf.LSTM(3, 4)
    outputs, _ = model(leaf(2, 10, 3))
    page = nf.explore(outputs.sum(), tmp_path / "page.html")
    facts = facts_of(page)
    assert "model.cell, step 10" in facts["groups"] and "all" not in facts["views"]
    assert page.stat().st_size < 200_000
    assert page.stat().st_size - len(json.dumps(facts, separators=(",", ":"))) < 45_000


def test_500_operations_are_a_small_page(tmp_path):
    x = y = leaf(2)
    for _ in range(250):
        y = y * 1.01 + x
    page = nf.explore(y.sum(), tmp_path / "page.html")
    assert page.stat().st_size < 200_000
    assert "steps 1 to 9" in facts_of(page)["groups"]


def test_what_cannot_be_explored_says_why(tmp_path):
    x = leaf(2)
    loss = x.sum()
    loss.backward()
    with pytest.raises(nf.GradientError, match="released"):
        explored(loss, tmp_path)
    with pytest.raises(nf.GradientError, match="require grad"):
        explored(Tensor(1.0), tmp_path)
    with pytest.raises(TypeError, match="takes the result"):
        explored(3.0, tmp_path)
    for _ in range(1_001):
        x = x + 1
    with pytest.raises(ValueError, match="1,001 operations"):
        explored(x, tmp_path)


def run_script(tmp_path, end, page):
    """What `nox -s explore` does with a script that ends so; the page is named from the script's folder."""
    script = tmp_path / "script.py"
    text = "import os, sys\nimport neural_framework as nf\nw = nf.Tensor(3.0, requires_grad=True)\nloss = w * w\n"
    script.write_text(text + end + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "neural_framework.explorer", str(script), "--out", page]
    environment = {**os.environ, "PYTHONPATH": str(SOLUTIONS)}
    return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("call", ["loss.backward()", "nf.explore(loss, 'page.html')", "os.chdir('/'); loss.backward()"])
def test_a_script_is_explored_at_its_first_backward(call, tmp_path):
    done = run_script(tmp_path, call, "page.html")
    assert done.returncode == 0 and "nothing disagrees" in done.stdout
    assert [tensor["name"] for tensor in facts_of(tmp_path / "page.html")["tensors"]] == ["w", "loss"]


@pytest.mark.parametrize(
    ("end", "page", "complaint"),
    [
        ("pass", "page.html", "called neither backward() nor nf.explore()"),
        ("sys.exit()", "page.html", "called neither backward() nor nf.explore()"),
        ("loss.backward()", ".", "was not written"),
        ("sys.exit('enough')", "page.html", "enough"),
    ],
)
def test_a_script_without_a_page_says_why_in_one_line(end, page, complaint, tmp_path):
    done = run_script(tmp_path, end, page)
    assert done.returncode == 1 and complaint in done.stderr and done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("order", "kind"),
    [
        (lambda operations: [operations[0], operations[2], operations[1]], "early"),
        (lambda operations: operations[:2], "skipped"),
    ],
)
def test_a_wrong_order_is_blamed(order, kind, tmp_path, monkeypatch):
    x = leaf(2).exp()
    loss = x + x.abs()
    right = nf.topological_sort(loss)
    assert [type(operation).__name__ for operation in right] == ["Add", "Abs", "Exp"]
    monkeypatch.setattr(nf.autodiff.engine, "topological_sort", lambda tensor: order(right))
    assert kind in blamed(explored(loss, tmp_path))


def test_a_grad_that_is_not_the_sum_is_blamed(tmp_path, monkeypatch):
    x = leaf(2)
    right = nf.autodiff.engine.propagate
    monkeypatch.setattr(
        nf.autodiff.engine, "propagate", lambda *args: {tensor: 2 * grad for tensor, grad in right(*args).items()}
    )
    assert blamed(explored((x * x).sum(), tmp_path)) == ["grad"]


def test_a_page_has_its_fields(tmp_path):
    facts = explored(GRAPHS["broadcasting"](), tmp_path)
    assert set(facts) == {"v", "script", "loss", "tensors", "ops", "events", "groups", "views", "error"}
    assert all(set(op) - {"stretched"} == {"name", "in", "out", "rule", "place", "group"} for op in facts["ops"])
    fields = {"in", "to", "sent", "shape", "got", "of", "bad", "seen", "local", "sum", "measured"}
    for event in facts["events"]:
        assert set(event) == {"op", "arrived", "bad", "error", "edges"}
        assert all(set(edge) <= fields for edge in event["edges"])
    assert [op.get("stretched") for op in facts["ops"]] == [[[], [0]], [[], [1]], None]
    for view in facts["views"].values():
        assert len({(rank, place) for _, rank, place in view["n"]}) == len(view["n"])
