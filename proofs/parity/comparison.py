"""Rows of code that run twice, once with this framework's tensors and once with PyTorch's, and must agree."""

import ast
import builtins
import re

import numpy as np
import pytest
import torch

import neural_framework as nf

OURS = {**vars(nf), "np": np}
THEIRS = {
    **{name: value for name, value in vars(torch).items() if not hasattr(builtins, name)},  # torch.float is a dtype
    **vars(torch.nn),
    **vars(torch.optim),
    **vars(torch.optim.lr_scheduler),
    **vars(torch.utils.data),
    "F": torch.nn.functional,
    "clip_grad_norm_": torch.nn.utils.clip_grad_norm_,
    "clip_grad_value_": torch.nn.utils.clip_grad_value_,
    "gradcheck": torch.autograd.gradcheck,
    "init": torch.nn.init,
    "torch": torch,
    "np": np,
}
TOLERANCE = {"float64": {"rtol": 1e-9, "atol": 1e-14}, "float32": {"rtol": 1e-4, "atol": 1e-5}}
TOLERANCE["float16"] = {"rtol": 2e-3, "atol": 1e-5}


class Table(list):
    """The rows of a text, a tuple of columns each: `ours | PyTorch's | ...`; PyTorch's is ours where left out.

    A column is an expression, perhaps after statements and semicolons. A line that begins with | goes on with the
    row above; `#` starts a comment.
    """

    def __init__(self, text):
        lines = [line.partition("  #")[0].strip() for line in text.splitlines()]
        for row in "\n".join(line for line in lines if line).replace("\n|", " |").splitlines():
            columns = [column.strip() for column in row.split(" | ")]
            self.append((*columns, columns[0]) if len(columns) == 1 else tuple(columns))

    def cases(self):
        """The decorator that makes a test run once for every row, under the name of our side."""
        return pytest.mark.parametrize("row", self, ids=[row[0] for row in self])


def run(code, namespace):
    """The value of the code's last expression; what it assigns stays in the namespace."""
    *statements, last = ast.parse(code).body
    exec(compile(ast.Module(statements, []), code, "exec"), namespace)
    return eval(compile(ast.Expression(last.value), code, "eval"), namespace)


def both(arrays, dtype="float64"):
    """Two namespaces with the same arrays as tensors of either library; those of floats require grad."""
    ours, theirs = dict(OURS), dict(THEIRS)
    for name, array in arrays.items():
        array = np.asarray(array)
        floating = array.dtype.kind == "f"
        array = array.astype(dtype) if floating else array
        ours[name] = nf.Tensor(array, requires_grad=floating)
        theirs[name] = torch.tensor(array, requires_grad=floating)
    return ours, theirs


def in_float64(model, other):
    """Our model with PyTorch's parameters, loaded from its state dict as it is; then both in float64."""
    state = {re.sub(r"(\w+)_l0$", r"cell.\1", name): tensor.numpy() for name, tensor in other.state_dict().items()}
    model.load_state_dict(state)
    for parameter in model.parameters():
        parameter.data = parameter.data.astype(np.float64)
    return model, other.double()


def names_in(code):
    """The variables that the code reads."""
    return {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}


def agree(row, arrays, dtype="float64"):
    """Fails unless both sides of the row give the same values, types and gradients of every array they use."""
    arrays = {name: array for name, array in arrays.items() if name in names_in(row[0]) | names_in(row[1])}
    ours, theirs = both(arrays, dtype)
    mine, reference = run(row[0], ours), run(row[1], theirs)
    same(mine, reference, dtype)
    differentiate(mine, reference)
    for name in arrays:
        same(ours[name].grad, theirs[name].grad, dtype, f"the gradient of {name}")


def differentiate(mine, reference):
    """Goes backward from every tensor of two equal results, with the same random gradients."""
    rng = np.random.default_rng(7)
    pairs = [pair for pair in zip(leaves(mine), leaves(reference), strict=True) if is_recorded(pair[1])]
    for count, (tensor, other) in enumerate(pairs, start=1):
        assert tensor.requires_grad, "PyTorch's result requires grad, and ours does not"
        gradient = rng.standard_normal(tensor.shape).astype(tensor.dtype)
        tensor.backward(gradient, retain_graph=count < len(pairs))
        other.backward(torch.tensor(gradient), retain_graph=count < len(pairs))


def same_with_gradients(results, models, sides, names):
    """Fails unless two results are equal, and the gradients that come back to the models' parameters and to inputs.

    sides: the two namespaces with the inputs of these names.
    """
    same(*results)
    differentiate(*results)
    same(*([parameter.grad for parameter in model.parameters()] for model in models))
    for name in names:
        same(*(side[name].grad for side in sides), what=f"the gradient of {name}")


def leaves(value):
    """The parts of nested lists, tuples and dictionaries, in order."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return [leaf for part in value for leaf in leaves(part)]
    return [value]


def is_recorded(value):
    """Whether a value is a tensor of PyTorch's that something computed from tensors that require grad."""
    return isinstance(value, torch.Tensor) and value.grad_fn is not None


def same(mine, reference, dtype="float64", what="the value"):
    """Fails unless the two are equal: arrays in shape, dtype and, up to rounding, numbers; structures part by part."""
    if isinstance(reference, torch.Tensor):
        assert isinstance(mine, (nf.Tensor, np.ndarray, np.generic)), f"{what} is {mine!r}, PyTorch's {reference!r}"
        if isinstance(mine, nf.Tensor):
            assert mine.requires_grad == reference.requires_grad, f"requires_grad of {what}: {mine.requires_grad}"
        mine, reference = np.asarray(mine), reference.detach().numpy()
        assert mine.dtype == reference.dtype, f"{what} has dtype {mine.dtype}, PyTorch's {reference.dtype}"
        assert mine.shape == reference.shape, f"{what} has shape {mine.shape}, PyTorch's {reference.shape}"
        np.testing.assert_allclose(mine, reference, err_msg=what, **TOLERANCE[dtype])
    elif isinstance(reference, dict):
        assert list(mine) == list(reference), f"keys of {what}"
        same(list(mine.values()), list(reference.values()), dtype, what)
    elif isinstance(reference, (list, tuple)):
        assert len(mine) == len(reference), f"length of {what}: {len(mine)}, PyTorch's {len(reference)}"
        for part, other in zip(mine, reference, strict=True):
            same(part, other, dtype, what)
    elif isinstance(reference, float):
        np.testing.assert_allclose(mine, reference, err_msg=what, **TOLERANCE[dtype])
    elif isinstance(reference, torch.dtype):
        assert f"torch.{mine}" == str(reference), what
    else:
        assert type(mine) is type(reference), f"{what} is {mine!r}, PyTorch's {reference!r}"
        assert mine == reference, what
