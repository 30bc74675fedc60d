"""1.5 The matrix product: vectors, matrices, batches of matrices, and shapes that do not fit."""

import numpy as np

import neural_framework as nf


def is_about_broadcasting(call):
    """Whether the call raises a BroadcastingError."""
    try:
        call()
    except nf.BroadcastingError:
        return True
    except nf.ShapeError:
        return False


def test_the_product_of_two_matrices(see):
    """@ and matmul multiply rows by columns and sum; they do not multiply element by element."""
    a, b = nf.Tensor([[1.0, 2.0], [3.0, 4.0]]), nf.Tensor([[5.0, 6.0], [7.0, 8.0]])
    see.close(a @ b, [[19.0, 22.0], [43.0, 50.0]])
    see.close(b @ a, [[23.0, 34.0], [31.0, 46.0]])
    see.close(a.matmul(b), [[19.0, 22.0], [43.0, 50.0]])


def test_the_inner_sizes_meet_and_the_outer_ones_stay(see, rng):
    """(2, 3) @ (3, 4) gives (2, 4)."""
    a, b = rng.uniform(-1, 1, size=(2, 3)), rng.uniform(-1, 1, size=(3, 4))
    see.close(nf.Tensor(a) @ nf.Tensor(b), np.einsum("ij,jk->ik", a, b))


def test_a_vector_on_either_side(see):
    """A vector counts as a row on the left and as a column on the right, and the added axis is removed again."""
    matrix, two, three = (
        nf.Tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]),
        nf.Tensor([1.0, -1.0]),
        nf.Tensor([1.0, 0.0, 2.0]),
    )
    see.close(matrix @ three, [7.0, 16.0])
    see.close(two @ matrix, [-3.0, -3.0, -3.0])
    see.close(three @ nf.Tensor([4.0, 9.0, 0.5]), 5.0)


def test_each_matrix_of_a_batch_is_multiplied(see, rng):
    """(5, 2, 3) @ (5, 3, 4) computes five products, pair by pair."""
    a, b = rng.uniform(-1, 1, size=(5, 2, 3)), rng.uniform(-1, 1, size=(5, 3, 4))
    see.close(nf.Tensor(a) @ nf.Tensor(b), np.einsum("nij,njk->nik", a, b))


def test_batch_axes_broadcast(see, rng):
    """All axes before the last two broadcast as in arithmetic: (2, 1, 3, 4) @ (5, 4, 2) gives (2, 5, 3, 2)."""
    a, b = rng.uniform(-1, 1, size=(2, 1, 3, 4)), rng.uniform(-1, 1, size=(5, 4, 2))
    see.close(nf.Tensor(a) @ nf.Tensor(b), np.einsum("abij,bjk->abik", np.broadcast_to(a, (2, 5, 3, 4)), b))
    matrix = rng.uniform(-1, 1, size=(3, 4))
    see.close(nf.Tensor(matrix) @ nf.Tensor(b), np.einsum("ij,bjk->bik", matrix, b))


def test_a_vector_meets_a_batch(see, rng):
    """A vector is multiplied with every matrix: (3,) @ (5, 3, 4) gives (5, 4), (5, 2, 3) @ (3,) gives (5, 2)."""
    vector, b, a = (
        rng.uniform(-1, 1, size=3),
        rng.uniform(-1, 1, size=(5, 3, 4)),
        rng.uniform(-1, 1, size=(5, 2, 3)),
    )
    see.close(nf.Tensor(vector) @ nf.Tensor(b), np.einsum("j,njk->nk", vector, b))
    see.close(nf.Tensor(a) @ nf.Tensor(vector), np.einsum("nij,j->ni", a, vector))


def test_inner_sizes_that_differ_are_a_shape_error(see):
    """(2, 3) @ (2, 3) is a ShapeError that names matmul and both shapes, and no BroadcastingError; vectors likewise."""
    for shape1, shape2 in [
        ((2, 3), (2, 3)),
        ((3,), (4,)),
        ((2, 3), (2,)),
        ((3,), (2, 3)),
        ((5, 2, 3), (5, 2, 3)),
    ]:
        a, b = nf.Tensor(np.ones(shape1)), nf.Tensor(np.ones(shape2))
        see.raises(lambda a=a, b=b: a @ b, "ShapeError", mentions=["matmul", shape1, shape2])
        see.equal(is_about_broadcasting(lambda a=a, b=b: a @ b), False)


def test_an_inner_size_of_one_does_not_stretch(see):
    """(2, 3) @ (1, 4) and (2, 1) @ (3,) are also an error: only the batch axes broadcast."""
    for shape1, shape2 in [((2, 3), (1, 4)), ((2, 1), (3,))]:
        a, b = nf.Tensor(np.ones(shape1)), nf.Tensor(np.ones(shape2))
        see.raises(lambda a=a, b=b: a @ b, "ShapeError", mentions=["matmul", shape1, shape2])


def test_a_tensor_without_axes_is_refused(see):
    """A single number, of shape (), has no rows or columns: matmul rejects it on either side, whatever the other is."""
    number, vector, matrix = nf.Tensor(2.0), nf.Tensor([3.0]), nf.Tensor([[5.0]])
    for a, b in [(number, vector), (vector, number), (number, matrix), (matrix, number), (number, number)]:
        see.raises(lambda a=a, b=b: a @ b, ("ShapeError", "ValueError", "RuntimeError", "TypeError"))
    see.close(matrix @ vector, [15.0])


def test_batches_that_differ_are_a_broadcasting_error(see):
    """A batch of two and a batch of three do not fit: the BroadcastingError names matmul and both sizes."""
    a, b = nf.Tensor(np.ones((2, 3, 4))), nf.Tensor(np.ones((3, 4, 5)))
    see.raises(lambda: a @ b, "BroadcastingError", mentions=["matmul", "2 vs 3"])


def test_an_array_may_stand_on_either_side(see):
    """tensor @ array and array @ tensor are Tensors, and the order of the operands is kept."""
    a, b = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[0.0, 1.0], [1.0, 0.0]])
    for product, expected in [
        (nf.Tensor(a) @ b, [[2.0, 1.0], [4.0, 3.0]]),
        (b @ nf.Tensor(a), [[3.0, 4.0], [1.0, 2.0]]),
    ]:
        see.equal(type(product).__name__, "Tensor")
        see.close(product, expected)


def test_products_keep_the_dtype_and_may_be_empty(see):
    """float32 stays float32, integers stay integers, and (2, 0) @ (0, 3) sums nothing, so it is all zeros."""
    see.equal((nf.Tensor([[1.0]]) @ nf.Tensor([[2.0]])).dtype, "float32")
    see.equal((nf.Tensor([1, 2]) @ nf.Tensor([3, 4])).dtype, "int64")
    see.close(nf.Tensor(np.ones((2, 0))) @ nf.Tensor(np.ones((0, 3))), np.zeros((2, 3)))


def test_a_product_is_recorded(see):
    """The result's grad_fn is a MatMul whose inputs are the two factors, in order."""
    a, b = nf.Tensor(np.ones((2, 3))), nf.Tensor(np.ones((3, 2)), requires_grad=True)
    product = a @ b
    see.equal(type(product.grad_fn).__name__, "MatMul")
    see.same(product.grad_fn.inputs[0], a)
    see.same(product.grad_fn.inputs[1], b)
