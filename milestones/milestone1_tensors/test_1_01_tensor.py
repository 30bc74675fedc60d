"""1.1 The Tensor: its own copy of the data, in the right dtype."""

import numpy as np

import neural_framework as nf


def message_of(data):
    """What the TypeError says that the constructor raises for this data."""
    try:
        nf.Tensor(data)
    except TypeError as error:
        return str(error)
    return "no error"


def test_a_tensor_holds_its_values_as_an_array(see):
    """Tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]) stores these numbers in `data`, an ndarray of shape (2, 3)."""
    x = nf.Tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    see.equal(type(x.data).__name__, "ndarray")
    see.equal(x.data, np.array([[1, 2, 3], [4, 5, 6]]))
    see.equal((x.shape, x.ndim, x.size), ((2, 3), 2, 6))


def test_a_new_tensor_is_a_leaf_without_gradient(see):
    """A tensor that you make is a leaf: it requires no gradient unless asked, and its grad and grad_fn are None."""
    x = nf.Tensor([1.0])
    see.equal([x.requires_grad, x.grad, x.grad_fn, x.is_leaf], [False, None, None, True])
    w = nf.Tensor([1.0], True)
    see.equal([w.requires_grad, w.grad, w.grad_fn, w.is_leaf], [True, None, None, True])


def test_the_constructor_copies_an_array(see):
    """A later change of the array does not change the tensor: they share no memory, even if the dtype already fits."""
    array = np.array([1.0, 2.0], dtype=np.float32)
    x = nf.Tensor(array)
    same_dtype_asked = nf.Tensor(array, requires_grad=True, dtype=np.float32)
    array[0] = 99.0
    see.equal(x.data, np.array([1.0, 2.0]))
    see.true(not np.shares_memory(x.data, array))
    see.true(not np.shares_memory(same_dtype_asked.data, array))


def test_a_tensor_made_from_a_tensor_is_a_new_leaf(see):
    """Tensor(t) copies the values and the dtype of t, but shares no memory and does not inherit requires_grad."""
    t = nf.Tensor(np.array([1.0, 2.0]), requires_grad=True)
    copy = nf.Tensor(t)
    see.equal(copy.data, np.array([1.0, 2.0]))
    see.equal(copy.dtype, "float64")
    see.true(not np.shares_memory(copy.data, t.data))
    see.equal([copy.requires_grad, copy.grad_fn], [False, None])


def test_lists_of_python_numbers_become_float32_int64_or_bool(see):
    """Floats become float32 (one float among integers is enough), integers int64, bools bool, an empty list float32."""
    lists = [[1.5, 2.0], [[1], [2.5]], [1, 2], [True, False], [], [[]]]
    wanted = ["float32", "float32", "int64", "bool", "float32", "float32"]
    see.equal([nf.Tensor(values).dtype for values in lists], wanted)
    see.equal([nf.Tensor(()).shape, nf.Tensor([[]]).shape], [(0,), (1, 0)])


def test_a_single_number_becomes_a_tensor_without_axes(see):
    """Tensor(3.5) has shape (), and the dtype of a number follows the same rule as that of a list."""
    x = nf.Tensor(3.5)
    see.equal((x.shape, x.ndim, x.size), ((), 0, 1))
    see.equal(type(x.data).__name__, "ndarray")
    see.equal([x.dtype, nf.Tensor(3).dtype, nf.Tensor(True).dtype], ["float32", "int64", "bool"])


def test_numpy_data_keeps_its_dtype(see):
    """NumPy arrays and scalars keep their dtype, also inside a list: float64 does not become float32."""
    names = ["float16", "float32", "float64", "int32", "int64", "uint8", "bool"]
    see.equal([nf.Tensor(np.ones(2, dtype=name)).dtype for name in names], names)
    see.equal([nf.Tensor(np.float64(1.0)).dtype, nf.Tensor(np.int32(1)).dtype], ["float64", "int32"])
    see.equal([nf.Tensor(np.zeros((2, 0))).dtype, nf.Tensor([np.ones(2), np.ones(2)]).dtype], ["float64"] * 2)
    see.equal(nf.Tensor([[np.float64(1.0)], [np.float64(2.0)]]).dtype, "float64")


def test_an_explicit_dtype_wins(see):
    """An explicit dtype decides, for lists, arrays and tensors alike."""
    see.equal(nf.Tensor([1, 2], dtype=np.float64).dtype, "float64")
    see.equal(nf.Tensor([0.1], dtype=np.float64), [0.1])  # not rounded to float32 first
    see.equal(nf.Tensor(np.array([1.0]), dtype=np.float32).dtype, "float32")
    see.equal(nf.Tensor(np.array([1, 2]), requires_grad=True, dtype=np.float64).dtype, "float64")
    converted = nf.Tensor(nf.Tensor([1.9, -1.9]), dtype=np.int64)
    see.equal(converted.dtype, "int64")
    see.equal(converted.data, np.array([1, -1]))


def test_numbers_that_an_integer_dtype_cannot_hold_are_refused(see):
    """300 as int8, nan as an integer, and 2**63 in a list, which becomes int64, are an error, not some other number."""
    refused = [([300], np.int8), ([-200], np.int8), ([np.nan], np.int64), (1e30, np.int32), ([2**63], None)]
    refused += [(np.inf, np.int64)]
    for data, dtype in refused:
        see.raises(lambda data=data, dtype=dtype: nf.Tensor(data, dtype=dtype), ("OverflowError", "ValueError"))
    see.equal(nf.Tensor(np.array([2**63], dtype=np.uint64)).dtype, "uint64")  # an array keeps its dtype
    see.equal(nf.Tensor([100, -20], dtype=np.int8), np.array([100, -20]))
    see.close(nf.Tensor([2**63], dtype=np.uint64).item() / 2**60, 8.0)
    see.equal([nf.Tensor([], dtype=np.int8).shape, nf.Tensor([], dtype=np.int8).dtype], [(0,), "int8"])


def test_arrays_that_an_integer_dtype_cannot_hold_are_refused(see):
    """The same holds for the numbers of an array or a Tensor, which NumPy would wrap around without a word."""
    refused = [(np.array([300]), np.int8), (np.array([np.nan]), np.int64), (np.array([-1]), np.uint8)]
    for data, dtype in [*refused, (nf.Tensor([-200]), np.int8)]:
        see.raises(lambda data=data, dtype=dtype: nf.Tensor(data, dtype=dtype), ("OverflowError", "ValueError"))
    see.equal(nf.Tensor(np.array([100, -20]), dtype=np.int8), np.array([100, -20]))
    see.equal(nf.Tensor(np.array([-1.9, 7.0]), dtype=np.int8), np.array([-1, 7]))


def test_integers_that_require_grad_become_float32(see):
    """A gradient needs real numbers: integers and bools become float32, and floats keep their dtype."""
    data = [[1, 2], 3, [True], np.array([1, 2]), np.array([True]), np.array([7, 200], dtype=np.uint8)]
    tensors = [nf.Tensor(values, requires_grad=True) for values in data]
    see.equal([x.dtype for x in tensors], ["float32"] * 6)
    see.equal([tensors[3].tolist(), tensors[5].tolist()], [[1.0, 2.0], [7.0, 200.0]])
    names = ["float16", "float32", "float64"]
    see.equal([nf.Tensor(np.ones(2, dtype=name), requires_grad=True).dtype for name in names], names)


def test_an_integer_dtype_that_requires_grad_is_refused(see):
    """An integer or bool dtype together with requires_grad=True is a GradientError that names the dtype."""
    for dtype in (np.int64, np.bool_, np.uint8):
        name = np.dtype(dtype).name
        see.raises(
            lambda dtype=dtype: nf.Tensor([1.0], requires_grad=True, dtype=dtype),
            "GradientError",
            mentions=[name],
        )


def test_data_that_is_no_real_number_is_a_type_error(see):
    """Complex numbers, text, objects and rows of unequal length are a TypeError that says what was given."""
    see.raises(lambda: nf.Tensor(np.array([object()])), "TypeError", mentions=["object"])
    for data in ([1 + 2j], "text", ["a", "b"], None, [[1.0, 2.0], [3.0]]):
        see.raises(lambda data=data: nf.Tensor(data), "TypeError")
    messages = {message_of(rows) for rows in ([[1.0, 2.0], [3.0]], ((1.0,), (2.0, 3.0), (4.0, 5.0)))}
    see.equal(len(messages), 2)  # other rows, another message
    see.close(nf.Tensor([[1.0, 2.0], [3.0, 4.0]]), [[1.0, 2.0], [3.0, 4.0]])  # rows of the same length


def test_a_dtype_does_not_turn_text_into_numbers(see):
    """With dtype=np.float32, the text "1.5" and complex numbers are still a TypeError; the number 1.5 is none."""
    for data in ("1.5", ["1.5"], np.array([1 + 2j]), [[1.0, 2.0], [3.0]]):
        see.raises(lambda data=data: nf.Tensor(data, dtype=np.float32), "TypeError")
    see.close(nf.Tensor([1.5], dtype=np.float32), [1.5])


def test_a_dtype_of_other_data_is_a_type_error(see):
    """dtype may ask for bools, integers or floats only: complex numbers, text and objects are a TypeError."""
    for dtype in (np.complex128, np.str_, object):
        see.raises(lambda dtype=dtype: nf.Tensor([1.0], dtype=dtype), "TypeError")
    see.close(nf.Tensor([2.5], dtype=np.float64), [2.5])
