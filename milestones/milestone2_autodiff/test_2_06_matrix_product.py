"""2.6 Matrix product: the backward of MatMul, from two vectors to broadcast batches."""

import numpy as np

import neural_framework as nf


def leaf(value):
    """A leaf that requires grad."""
    return nf.Tensor(value, requires_grad=True, dtype=np.float64)


def product_gradients(see, rng, *pairs):
    """Check both gradients of x @ y, for x and y of each pair of shapes."""
    for first, second in pairs:
        see.gradients(lambda x, y: x @ y, [rng.normal(size=first), rng.normal(size=second)])


def test_a_small_product_by_hand(see):
    """Z = X @ Y with upstream gradient G: dX = G @ Y.T and dY = X.T @ G."""
    x, y = leaf([[1.0, 2.0]]), leaf([[3.0, 4.0, 5.0], [6.0, 7.0, 8.0]])
    (x @ y).backward(np.array([[1.0, 10.0, 100.0]]))
    see.close(x.grad, [[543.0, 876.0]])
    see.close(y.grad, [[1.0, 10.0, 100.0], [2.0, 20.0, 200.0]])


def test_matrices_of_any_size(see, rng):
    """The gradients are right for (N, D) @ (D, M) and for square matrices, where a missing transpose also fits."""
    product_gradients(see, rng, ((2, 3), (3, 4)), ((3, 3), (3, 3)), ((1, 4), (4, 1)))


def test_two_vectors(see, rng):
    """(D,) @ (D,) is one number, and each vector gets the other one, times the upstream gradient."""
    product_gradients(see, rng, ((3,), (3,)), ((1,), (1,)))


def test_a_matrix_and_a_vector(see, rng):
    """In (N, D) @ (D,), the matrix gets an outer product and the vector a vector; also in the other order."""
    product_gradients(see, rng, ((2, 3), (3,)), ((3,), (3, 4)), ((3, 3), (3,)), ((3,), (3, 3)))


def test_batches_of_matrices(see, rng):
    """(B, N, D) @ (B, D, M) is one product per member of the batch, so transpose only the last two axes."""
    product_gradients(see, rng, ((2, 3, 4), (2, 4, 5)), ((2, 2, 2), (2, 2, 2)), ((2, 3, 1, 2), (2, 3, 2, 2)))


def test_one_matrix_for_a_whole_batch(see, rng):
    """(B, N, D) @ (D, M) uses the matrix B times, so its gradient is the sum over the batch, on either side."""
    product_gradients(see, rng, ((4, 2, 3), (3, 2)), ((2, 2, 2), (2, 2)))
    product_gradients(see, rng, ((2, 3), (4, 3, 2)), ((2, 2), (2, 2, 2)))


def test_batch_axes_that_are_stretched(see, rng):
    """Batch axes broadcast as in a sum: those of size 1 and the missing ones are summed in backward."""
    product_gradients(see, rng, ((1, 2, 3), (4, 3, 2)), ((2, 1, 2, 3), (4, 3, 2)), ((4, 2, 3), (2, 1, 3, 2)))


def test_a_vector_for_a_whole_batch(see, rng):
    """A vector has no batch axis: each matrix of the batch uses it, and its gradient is again a vector."""
    product_gradients(see, rng, ((4, 2, 3), (3,)), ((2, 4, 2, 3), (3,)), ((3, 3, 3), (3,)))
    product_gradients(see, rng, ((2,), (4, 2, 3)), ((2,), (2, 4, 2, 3)), ((3,), (3, 3, 3)))


def test_products_with_size_0(see, rng):
    """An inner size of 0 gives empty gradients, and an empty batch gives zeros to the matrix that it shares."""
    product_gradients(see, rng, ((2, 3, 0), (0, 4)), ((2, 3, 0), (2, 0, 4)), ((2, 3, 0), (0,)), ((0,), (0,)))
    product_gradients(see, rng, ((2, 3, 4), (4, 0)), ((2, 0, 3), (3, 4)), ((0, 3), (3,)), ((3,), (2, 3, 0)))
    x, y = leaf(np.ones((3, 0))), leaf(np.ones((0, 2)))
    (x @ y).backward()
    see.close(x.grad, np.zeros((3, 0)))
    see.close(y.grad, np.zeros((0, 2)))
    batch, matrix = leaf(np.ones((0, 2, 3))), leaf(np.ones((3, 4)))
    (batch @ matrix).backward()
    see.close(batch.grad, np.zeros((0, 2, 3)))
    see.close(matrix.grad, np.zeros((3, 4)))


def test_arrays_on_either_side(see, rng):
    """An array next to the tensor needs no gradient, and the tensor's gradient does not change."""
    matrix = rng.normal(size=(3, 3))
    see.gradients(lambda x: x @ matrix, [rng.normal(size=(2, 3))])
    see.gradients(lambda x: matrix @ x, [rng.normal(size=3)], like=lambda x: matrix @ x)


def test_a_matrix_times_itself(see, rng):
    """x @ x uses x on both sides, so both gradients add up."""
    see.gradients(lambda x: x @ x, [rng.normal(size=(3, 3))])
    see.gradients(lambda x: x @ x, [rng.normal(size=3)])


def test_a_gradient_keeps_the_dtype(see):
    """A product of float32 matrices has float32 gradients."""
    x = nf.Tensor([[1.0, 2.0]], requires_grad=True)
    (x @ nf.Tensor([[3.0], [4.0]])).backward()
    see.equal(x.grad.dtype, "float32")
    see.close(x.grad, [[3.0, 4.0]])


def test_going_back_twice_gives_the_same_gradient_twice(see):
    """backward only reads what forward kept, because writing into it corrupts a second backward."""
    x, y = leaf([[1.0, 2.0]]), leaf([[3.0, 4.0], [6.0, 7.0]])
    result = x @ y
    result.backward(np.array([[1.0, -10.0]]), retain_graph=True)
    result.backward(np.array([[1.0, -10.0]]))
    see.close(x.grad, [[-74.0, -128.0]])  # by hand: 2 (3 - 40), 2 (6 - 70)
    see.close(y.grad, [[2.0, -20.0], [4.0, -40.0]])
    for x, y in [(leaf([1.0, 2.0]), leaf([3.0, 4.0])), (leaf([[1.0, 2.0]]), leaf([3.0, 4.0]))]:  # y is a vector
        result = x @ y
        result.backward(retain_graph=True)
        result.backward()
        see.close(x.grad.data.reshape(2), [6.0, 8.0])
        see.close(y.grad, [2.0, 4.0])


def test_the_order_in_memory_does_not_matter(see, rng):
    """Arrays that are stored column by column, as after a transpose, have the same gradients as any other."""
    for first, second in [((2, 3), (3, 4)), ((2, 3, 4), (2, 4, 5))]:
        arrays = [np.asfortranarray(rng.normal(size=shape)) for shape in (first, second)]
        x, y = [nf.from_numpy(array, requires_grad=True) for array in arrays]
        gradient = rng.normal(size=(*first[:-1], second[-1]))
        (x @ y).backward(gradient)
        see.close(x.grad, gradient @ np.swapaxes(arrays[1], -1, -2))
        see.close(y.grad, np.swapaxes(arrays[0], -1, -2) @ gradient)
