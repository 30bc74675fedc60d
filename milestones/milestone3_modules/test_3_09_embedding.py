"""3.9 Embedding: a table of vectors, one row for each symbol."""

import numpy as np

import neural_framework as nf

TABLE = np.arange(12.0).reshape(4, 3)  # row i holds 3i, 3i + 1, 3i + 2


def embedding():
    """An Embedding of 4 symbols in 3 dimensions that holds TABLE."""
    layer = nf.Embedding(4, 3)
    layer.weight = nf.Parameter(TABLE.copy())
    return layer


def test_an_index_picks_its_row(see):
    """Index i gives the whole row i of the weight; what the other rows hold, nan too, counts for nothing."""
    see.close(embedding()(nf.Tensor([2, 0])), [[6.0, 7.0, 8.0], [0.0, 1.0, 2.0]])
    layer = embedding()
    layer.weight.data[1] = np.nan
    see.close(layer(nf.Tensor([2, 0])), [[6.0, 7.0, 8.0], [0.0, 1.0, 2.0]])


def test_indices_of_any_shape(see):
    """Indices of shape (...) give vectors of shape (..., dim): sentences (N, T) become (N, T, dim)."""
    for indices in (3, [1], [[0, 1], [3, 3]], [[[2], [1]]]):
        see.close(embedding()(nf.Tensor(indices)), TABLE[np.array(indices)])


def test_arrays_and_lists_are_indices_too(see):
    """Indices may be a Tensor, an array or a list."""
    see.close(embedding()(np.array([[2, 0]])), [[[6.0, 7.0, 8.0], [0.0, 1.0, 2.0]]])
    see.close(embedding()([3, 1]), [[9.0, 10.0, 11.0], [3.0, 4.0, 5.0]])
    see.raises(lambda: embedding()([0, -1]), "IndexError", mentions=[-1])


def test_no_index_gives_no_vector(see):
    """An empty batch gives shape (0, dim)."""
    layer, indices = nf.Embedding(4, 3), nf.Tensor(np.zeros(0, dtype="int64"))
    see.equal(layer(indices).shape, (0, 3))


def test_any_integer_dtype_counts(see):
    """int32 and uint8 are valid index dtypes, like int64."""
    for dtype in ("int32", "uint8"):
        see.close(embedding()(nf.Tensor(np.array([1, 3], dtype=dtype))), TABLE[[1, 3]])


def test_a_repeated_index_gathers_all_its_gradients(see):
    """A symbol that occurs three times receives the sum of three gradients, not only the last one."""
    layer = embedding()
    layer(nf.Tensor([1, 3, 1, 1])).backward(np.array([[1.0] * 3, [10.0] * 3, [100.0] * 3, [1000.0] * 3]))
    see.close(layer.weight.grad, [[0.0] * 3, [1101.0] * 3, [0.0] * 3, [10.0] * 3])


def test_gradients_of_sentences(see, rng):
    """Over a batch of sentences, each row's gradient is the sum of the upstream gradients of all its positions."""
    layer, indices, grad = embedding(), np.array([[0, 3, 3], [3, 1, 0]]), rng.normal(size=(2, 3, 3))
    layer(nf.Tensor(indices)).backward(grad)
    expected = np.zeros((4, 3))
    np.add.at(expected, indices, grad)
    see.close(layer.weight.grad, expected)


def test_an_index_beyond_the_table_is_named(see):
    """An index of num_embeddings or more is an IndexError that names the layer, the index and the range."""
    small, large = nf.Embedding(4, 3), nf.Embedding(1001, 1)
    see.raises(lambda: small(nf.Tensor([0, 57])), "IndexError", mentions=["Embedding", 57])
    see.raises(lambda: small(nf.Tensor([[0, 4]])), "IndexError", mentions=["Embedding", 4])
    see.raises(lambda: large(nf.Tensor([0, 5555])), "IndexError", mentions=[5555, str(1001)[:3]])  # or "0..1000"


def test_a_negative_index_is_no_index(see):
    """An index of -1 is an IndexError that names it and the range, and does not silently give the last row."""
    see.raises(lambda: embedding()(nf.Tensor([0, -1])), "IndexError", mentions=[-1])
    table = nf.Embedding(1001, 1)
    see.raises(lambda: table(nf.Tensor([[-7], [0]])), "IndexError", mentions=[-7, str(1001)[:3]])  # or "0..1000"


def test_float_indices_are_refused(see):
    """Floats are not indices, even 1.0, and neither are booleans: a TypeError, and nothing is silently converted."""
    see.raises(lambda: embedding()(nf.Tensor([1.0, 2.0])), "TypeError")
    see.raises(lambda: embedding()(nf.Tensor([True, False, True, True])), "TypeError")
    see.close(embedding()(nf.Tensor([1, 2])), TABLE[[1, 2]])


def test_the_names_are_pytorchs(see):
    """The only parameter is weight, (num_embeddings, embedding_dim), so that a PyTorch state dict fits."""
    layer = nf.Embedding(4, 3)
    layer.load_state_dict({"weight": TABLE})
    see.close(layer(nf.Tensor([3])), [[9.0, 10.0, 11.0]])


def test_a_new_table_is_standard_normal(see, seed):
    """A new table is drawn from N(0, 1), in float32."""
    nf.manual_seed(seed)
    vectors = nf.Embedding(100, 100)(nf.Tensor(np.arange(100)))
    see.close(vectors.data.mean(), 0.0, tolerance=0.06)
    see.close(vectors.data.std(), 1.0, tolerance=0.06)
    see.at_least(np.abs(vectors.data).max(), 2.5)
    see.equal(vectors.dtype, "float32")
