"""Tensors against PyTorch's: values, dtypes and gradients of every operator, method and function."""

import numpy as np
import pytest

from .comparison import Table, agree

rng = np.random.default_rng(0)
inf, nan = np.inf, np.nan

INPUTS = {
    "x": rng.standard_normal((3, 4)),
    "y": rng.standard_normal((3, 4)),
    "p": rng.uniform(0.2, 2.0, (3, 4)),
    "row": rng.uniform(0.5, 2.0, 4),
    "column": rng.uniform(0.5, 2.0, (3, 1)),
    "cube": rng.standard_normal((2, 3, 4)),
    "one": np.array(0.7),
    "single": np.array([[0.7]]),
    "empty": np.zeros((0, 4)),
    "v": rng.standard_normal(4),
    "w": rng.standard_normal(3),
    "m": rng.standard_normal((4, 5)),
    "batch": rng.standard_normal((2, 1, 3, 4)),
    "batch2": rng.standard_normal((5, 4, 2)),
    "kinks": np.array([-1.5, -1.0, -0.5, -0.0, 0.0, 0.5, 1.0, 1.5]),
    "ties": np.array([[1.0, 2.0, 2.0], [2.0, 0.0, 0.0], [1.0, 1.0, 1.0]]),
    "tied": np.array([[1.0, 2.0, 3.0], [2.0, 0.0, 1.0], [0.0, 1.0, 2.0]]),
    "extreme": np.array([0.0, -0.0, 1.0, -1.0, 1000.0, -1000.0, 1e4, -1e4, inf, -inf, nan]),
    "finite_or_inf": np.array([0.0, -0.0, 1.0, -1.0, 1000.0, -1000.0, 1e4, -1e4, inf, -inf]),
    "large": np.array([[1000.0, -1000.0, 0.0], [1e4, 1e4, -1e4], [-1e4, -1e4 + 1, -1e4 + 2]]),
    "infinite": np.array([[inf, 0.0, 1.0], [-inf, 0.0, 1.0], [nan, 0.0, 1.0]]),
    "counts": np.array([[1, 2, 3], [4, 5, 6]]),
    "flags": np.array([True, False, True]),
}

ARITHMETIC = Table("""
    x + y
    x - y
    x * y
    x / p
    x + row
    row - cube
    cube * column
    column / row
    cube + one
    x * empty[:, :0].sum()
    empty * row
    x + 2
    2.5 + x
    x - 1.5
    1.5 - x
    x * 3
    0.5 * x
    x / 4
    2.0 / p
    -x
    x + x * x - x
    x - row.numpy() | x - row.detach()
    row.numpy() - x | row.detach() - x
    row.numpy() * x | row.detach() * x
    row.numpy() / p | row.detach() / p
    row.numpy() ** x | row.detach() ** x
    x.numpy() @ m | x.detach() @ m
    x ** 2
    x ** 0
    x ** 1
    p ** -1.5
    p ** 0.5
    p ** x
    p ** row
    2.0 ** x
    kinks ** 2
    kinks ** 3
    kinks ** 0
    x @ m
    v @ v
    x @ v
    w @ x
    batch @ m
    batch @ batch2
    v @ batch2
    batch @ v
    empty @ m
    x.matmul(m)
    cube.matmul(v)
    extreme / 0.0
    1.0 / extreme
    extreme * extreme
    extreme - 1e4
    extreme ** 2
    extreme ** -1
    extreme[2:9] ** 0.5
    x < y
    x <= row
    column > x
    x >= 0.5
    kinks < 0
    kinks <= 0
    kinks > 0
    kinks >= 0
    counts < 3
    a = x.detach() * 1; a += y.detach(); a
    a = x.detach() * 1; a -= row.detach(); a
    a = x.detach() * 1; a *= 2.5; a
    a = x.detach() * 1; a /= p.detach(); a
    x == x and x != y | x is x and x is not y  # identity, so that a Tensor can be a dictionary key
    hash(x) == hash(x) and len({x: 1, y: 2})
""")

ELEMENTWISE = Table("""
    x.exp()
    p.log()
    p.sqrt()
    x.abs()
    x.sin()
    x.cos()
    x.tanh()
    x.sigmoid()
    x.relu()
    x.leaky_relu() | F.leaky_relu(x)
    x.leaky_relu(0.2) | F.leaky_relu(x, 0.2)
    x.clip(-0.5, 0.5)
    x.clip(None, 0.5)
    x.clip(-0.5, None)
    one.exp()
    empty.tanh()
    maximum(x, y)
    maximum(cube, row)
    minimum(x, y)
    minimum(column, x)
    maximum(x, 0.3) | maximum(x, tensor(0.3, dtype=x.dtype))
    where(x > 0, x, y)
    where(x > row, column, 0.0)
    where(flags, ties, one)
    kinks.abs()
    kinks.relu()
    kinks.leaky_relu() | F.leaky_relu(kinks)
    kinks.clip(-1, 1)
    kinks.clip(0, None)
    maximum(ties, tied)
    minimum(ties, tied)
    maximum(kinks, 0.0) | maximum(kinks, tensor(0.0))
    extreme.exp()
    extreme.log()
    extreme.sqrt()
    finite_or_inf.abs()
    extreme.tanh()
    extreme.sigmoid()
    extreme.relu()
    kinks.relu().sqrt()
    (kinks - 1.5).max().sqrt()
    (kinks - 1.5).max(axis=0).sqrt() | (kinks - 1.5).max(dim=0)[0].sqrt()
    kinks.clip(0, 1).sqrt()
    extreme.max()
    extreme.min()
    extreme.leaky_relu() | F.leaky_relu(extreme)
    extreme.clip(-1, 1)
    maximum(extreme, 0.0) | maximum(extreme, tensor(0.0))
    minimum(extreme, 0.0) | minimum(extreme, tensor(0.0))
""")

REDUCTIONS = Table("""
    cube.sum()
    cube.sum(axis=1)
    cube.sum(axis=-1)
    cube.sum(axis=(0, 2))
    cube.sum(axis=(0, -1), keepdims=True)
    cube.sum(axis=1, keepdims=True)
    cube.sum(keepdims=True) | cube.sum(dim=(0, 1, 2), keepdim=True)
    cube.mean()
    cube.mean(axis=0)
    cube.mean(axis=-2)
    cube.mean(axis=(0, 1))
    cube.mean(axis=(1, 2), keepdims=True)
    cube.mean(keepdims=True) | cube.mean(dim=(0, 1, 2), keepdim=True)
    cube.max()
    cube.max(axis=1) | cube.amax(dim=1)
    cube.max(axis=-1) | cube.amax(dim=-1)
    cube.max(axis=(0, 2)) | cube.amax(dim=(0, 2))
    cube.max(axis=(0, 2), keepdims=True) | cube.amax(dim=(0, 2), keepdim=True)
    cube.max(keepdims=True) | cube.amax(keepdim=True)
    cube.min()
    cube.min(axis=1) | cube.amin(dim=1)
    cube.min(axis=(-3, 2)) | cube.amin(dim=(-3, 2))
    cube.min(axis=-1, keepdims=True) | cube.amin(dim=-1, keepdim=True)
    cube.var() | cube.var(correction=0)
    cube.var(axis=1) | cube.var(dim=1, correction=0)
    cube.var(axis=(0, -1)) | cube.var(dim=(0, -1), correction=0)
    cube.var(axis=(0, 2), keepdims=True) | cube.var(dim=(0, 2), correction=0, keepdim=True)
    x.softmax() | x.softmax(dim=-1)
    cube.softmax(axis=0)
    cube.softmax(axis=-2)
    x.log_softmax() | x.log_softmax(dim=-1)
    cube.log_softmax(axis=1)
    cube.log_softmax(axis=-3)
    one.sum()
    one.mean()
    one.max()
    empty.sum()
    empty.sum(axis=0)
    empty.sum(axis=1)
    empty.mean()
    empty.max(axis=1) | empty.amax(dim=1)
    empty.softmax()  | empty.softmax(dim=-1)
    ties.max()
    ties.min()
    ties.max(axis=1) | ties.amax(dim=1)  # amax shares among ties; max(dim) does not
    ties.min(axis=0) | ties.amin(dim=0)
    large.softmax() | large.softmax(dim=-1)
    large.log_softmax() | large.log_softmax(dim=-1)
    large.log_softmax(axis=0)
    infinite.softmax() | infinite.softmax(dim=-1)
    infinite.log_softmax() | infinite.log_softmax(dim=-1)
    infinite.sum(axis=1)
    finite_or_inf.max()
    finite_or_inf.min()
    infinite.max(axis=0).detach() | infinite.amax(dim=0).detach()
    infinite[:, 0].max(axis=0) | infinite[:, 0].max(dim=0)[0]
    infinite.mean(axis=1)
    counts.sum()
    counts.sum(axis=0)
    counts.max(axis=1) | counts.amax(dim=1)
    counts.min()
    x.argmax()
    x.argmax(axis=1)
    cube.argmin(axis=-1)
    x.argmin(axis=0, keepdims=True) | x.argmin(dim=0, keepdim=True)
""")

SHAPES = Table("""
    x.reshape(2, 6)
    x.reshape((4, 3))
    x.reshape(-1)
    x.reshape(2, -1, 3)
    one.reshape(1, 1)
    x.transpose() | x.T
    x.transpose(1, 0) | x.permute(1, 0)
    cube.transpose(2, 0, 1) | cube.permute(2, 0, 1)
    cube.transpose(-1, 0, -2) | cube.permute(-1, 0, -2)
    cube.transpose() | cube.permute(2, 1, 0)
    x.T
    cube.T | cube.permute(2, 1, 0)
    cube.swapaxes(0, 2)
    cube.swapaxes(-1, 1)
    batch.squeeze()
    batch.squeeze(1)
    batch.squeeze(-3)
    batch.squeeze(0)
    single.squeeze((0, 1))
    x.unsqueeze(0)
    x.unsqueeze(-1)
    x.unsqueeze(1)
    cube.flatten()
    cube.flatten(1)
    cube.flatten(start_axis=-2) | cube.flatten(start_dim=-2)
    one.flatten()
    row.broadcast_to((3, 4))
    column.broadcast_to((2, 3, 5))
    one.broadcast_to((2, 2))
    x[1]
    x[-1, 2]
    x[1:, ::2]
    x[:, 1:3]
    x[::2, -1]
    x[..., 0]
    cube[None, 0, ..., None]
    x[[0, 2, 0]]
    x[[0, 2, 2], [1, 1, 1]]
    x[:, [3, 3, 0]]
    cube[1, [0, 0, 2], 1:]
    cube[[0, 1], :, [1, 1]]
    x[np.array([[0, 1], [2, 2]])]
    x[counts[0] - 1]
    x[x > 0]
    cube[:, x > 0]
    x[flags]
    x[flags, 1]
    x[1:1]
    concatenate([x, y])
    concatenate([x, column, x[:, :0]], axis=1)
    concatenate([cube, cube], axis=-2)
    stack([x, y])
    stack([x, y, x], axis=1)
    stack([x, y], axis=-1)
    x.copy() | x.clone()
    x.astype("float32") | x.to(torch.float32)
    x.astype(np.float64) | x.to(torch.float64)
    x.astype("int64") | x.to(torch.int64)
    kinks.astype("bool") | kinks.to(torch.bool)
    counts.astype("float64") | counts.to(torch.float64)
    [part * (i + 1) for i, part in enumerate(x)]
    broadcast_shapes((3, 1, 4), (2, 4)) | tuple(broadcast_shapes((3, 1, 4), (2, 4)))
    broadcast_shapes((0, 1), ()) | tuple(broadcast_shapes((0, 1), ()))
    unbroadcast_gradient(cube.data, (3, 1)) | cube.data.sum_to_size(3, 1)
    unbroadcast_gradient(cube.data, (1, 1, 4)) | cube.data.sum_to_size(1, 1, 4)
    unbroadcast_gradient(x.data, ()) | x.data.sum_to_size(())
""")

OBJECTS = Table("""
    x.shape | tuple(x.shape)
    x.dtype
    (x < 0).dtype
    counts.dtype
    x.ndim
    one.ndim
    x.size | x.numel()
    x.numel()
    2.5 in x, 1.5 in kinks, 2 in counts, True in flags
    format(one.detach(), ".3f"), f"{one.detach():.2e}"
    x.data
    x.is_leaf, (x * 2).is_leaf, x.detach().is_leaf
    x.requires_grad, (x * 2).requires_grad, (counts * 2).requires_grad, (x < 0).requires_grad
    x.grad is None and x.grad_fn is None and (x * 2).grad_fn is not None
    x.detach()
    np.shares_memory(x.detach().numpy(), x.data)
    np.asarray(x) | x.detach()
    x.detach().numpy() | x.detach()
    x.tolist()
    one.item()
    single.item()
    float(one.detach())
    bool(one), bool(one * 0), bool(counts[0, 0] > 5)
    len(x)
    [part.tolist() for part in counts]
    (x.detach().requires_grad_() * 2).requires_grad
    x.requires_grad_(False).requires_grad
    no_grad()(lambda: x * 2)()
    is_recording(), no_grad()(is_recording)() | torch.is_grad_enabled(), torch.no_grad()(torch.is_grad_enabled)()
    (x * y).sum().backward(); x.grad
    x.sum().backward(); (x * 3).sum().backward(); x.grad
    z = x * 2; z.retain_grad(); (z * z).sum().backward(); [z.grad, x.grad]
    z = (x * 2).sum(); z.backward(retain_graph=True); z.backward(); x.grad
    (x * 2).backward(y.detach()); x.grad
    x.sum().backward(); x.zero_grad(); x.grad | x.sum().backward(); x.grad = None; x.grad
    x.grad = y.detach(); x.sum().backward(); x.grad
    Tensor([1.5, 2]) | tensor([1.5, 2])
    Tensor([[1, 2], [3, 4]]) | tensor([[1, 2], [3, 4]])
    Tensor([True, False]) | tensor([True, False])
    Tensor([]) | tensor([])
    Tensor(2.5, requires_grad=True) | tensor(2.5, requires_grad=True)
    Tensor(np.arange(3.0)) | tensor(np.arange(3.0))
    Tensor(np.float32(3)) | tensor(np.float32(3))
    Tensor([1, 2], dtype="float64") | tensor([1, 2], dtype=torch.float64)
    Tensor([1.7, -1.7], dtype="int64") | tensor([1.7, -1.7], dtype=torch.int64)
    a = np.ones(3); t = from_numpy(a); a[0] = 5; t
    zeros((2, 3))
    zeros(3)
    ones((2, 3), requires_grad=True)
    ones((), dtype=np.float64) | ones((), dtype=torch.float64)
    full((2, 2), 1.5)
    arange(5) | arange(5, dtype=torch.float32)
    arange(1, 4) | arange(1, 4, dtype=torch.float32)
    arange(0, 1, 0.25, dtype=np.float64) | arange(0, 1, 0.25, dtype=torch.float64)
    rand((2, 3)).shape == (2, 3) and rand(3).dtype
    randn(3).shape == (3,) and randn((2, 3)).dtype
    manual_seed(3); a = rand(5); b = randn(5); manual_seed(3); [a - rand(5), b - randn(5)]
    check_gradients(lambda x: x.exp() * x, [x])
    | gradcheck(lambda x: x.exp() * x, [x.detach().double().requires_grad_()])
""")


MANY = {
    "tenths": np.full((200_000, 2), 0.1),
    "halves": np.full((5_000, 2), 0.5),
    "huge": np.full(3, 40_000.0),
    "far": np.array([40_000.0, 40_064.0] * 500),
    "flat": np.zeros(60_000),
    "factor": np.array([1.5, 2.0]),
}

SUMS = Table("""
    halves.sum(axis=0)
    halves.mean(axis=0)
    halves.mean()
    halves.var(axis=0) | halves.var(dim=0, correction=0)
    huge.mean()
    far.var() | far.var(correction=0)
    flat.softmax() | flat.softmax(dim=-1)
    MSELoss()(halves, halves * 3)
    L1Loss()(huge, huge * 0.5)
    tenths.mean(axis=0)
    tenths.mean()
    (tenths * 4).mean(axis=(0, 1))
    (halves * factor).mean()
""")


@pytest.mark.parametrize("dtype", ["float32", "float16"])
@SUMS.cases()
def test_sums_of_many_numbers(row, dtype):
    """Long sums along any axis, also of float16, round no more than PyTorch's."""
    agree(row, MANY, dtype)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("row", [*ARITHMETIC, *ELEMENTWISE, *REDUCTIONS, *SHAPES, *OBJECTS], ids=lambda row: row[0])
def test_tensors(row, dtype):
    """Values, types, and gradients for every tensor of the row."""
    agree(row, INPUTS, dtype)
