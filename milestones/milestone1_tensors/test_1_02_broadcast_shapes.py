"""1.2 Broadcast shapes: the joint shape of two operands, or the reason why there is none."""

import neural_framework as nf


def test_equal_shapes_stay_as_they_are(see):
    """(2, 3) and (2, 3) give (2, 3); () and () give ()."""
    see.equal(nf.broadcast_shapes((2, 3), (2, 3)), (2, 3))
    see.equal(nf.broadcast_shapes((), ()), ())


def test_shapes_are_aligned_at_the_right(see):
    """A missing axis is a missing FIRST axis: (4, 3) and (3,) give (4, 3), and the shape () fits every shape."""
    see.equal(nf.broadcast_shapes((4, 3), (3,)), (4, 3))
    see.equal(nf.broadcast_shapes((3,), (4, 3)), (4, 3))
    see.equal(nf.broadcast_shapes((), (2, 5)), (2, 5))
    see.equal(nf.broadcast_shapes((2, 5), ()), (2, 5))
    see.equal(type(nf.broadcast_shapes((3,), (4, 1))).__name__, "tuple")  # a list is never equal to a shape


def test_a_bias_has_fewer_axes_than_its_batch(see):
    """The second shape may be the shorter one: a (4, 3) batch plus a (3,) bias, a (2, 5) matrix plus a number."""
    see.equal(nf.broadcast_shapes((4, 3), (3,)), (4, 3))
    see.equal(nf.broadcast_shapes((2, 5), ()), (2, 5))
    see.equal(nf.broadcast_shapes((6, 4, 3), (4, 1)), (6, 4, 3))


def test_a_size_of_one_stretches_on_either_side(see):
    """A size of 1 takes the other size, in one shape or in both: (2, 1, 3) and (1, 5, 1) give (2, 5, 3)."""
    see.equal(nf.broadcast_shapes((2, 1, 3), (1, 5, 1)), (2, 5, 3))
    see.equal(nf.broadcast_shapes((5,), (3, 1)), (3, 5))
    see.equal(nf.broadcast_shapes((1, 1), (1,)), (1, 1))


def test_one_stretches_to_zero(see):
    """1 and 0 give 0, not the larger of the two: an empty batch plus a bias stays an empty batch."""
    see.equal(nf.broadcast_shapes((1,), (0,)), (0,))
    see.equal(nf.broadcast_shapes((0, 4), (1, 4)), (0, 4))
    see.equal(nf.broadcast_shapes((0, 4), (4,)), (0, 4))


def test_different_sizes_are_an_error_that_carries_both_shapes(see):
    """If neither size is 1, the BroadcastingError has both shapes, in the order given, as message and attributes."""
    see.raises(
        lambda: nf.broadcast_shapes((3, 4), (2, 4)),
        "BroadcastingError",
        mentions=[(3, 4), (2, 4)],
        shape1=(3, 4),
        shape2=(2, 4),
    )


def test_the_error_names_the_operation_that_asked(see):
    """The third argument, if there is one, is the name of the operation, for the error's message and attribute."""
    error, shapes = "BroadcastingError", [(3,), (2,)]
    see.raises(lambda: nf.broadcast_shapes((3,), (2,), "add"), error, mentions=["add", *shapes], operation="add")
    see.raises(lambda: nf.broadcast_shapes((3,), (2,)), error, mentions=shapes, operation=None)


def test_sizes_that_divide_each_other_do_not_match(see):
    """Only 1 stretches: 3 does not stretch to 2 * 3, and 3 does not fit 0."""
    see.raises(lambda: nf.broadcast_shapes((3,), (2 * 3,)), "BroadcastingError", shape1=(3,), shape2=(2 * 3,))
    see.raises(lambda: nf.broadcast_shapes((3,), (0,)), "BroadcastingError", shape1=(3,), shape2=(0,))
    see.raises(lambda: nf.broadcast_shapes((2, 3), (2,)), "BroadcastingError", shape1=(2, 3), shape2=(2,))


def test_the_analysis_has_a_line_for_each_dimension(see):
    """The error has a line for each axis, last axis first: the sizes, and whether they match, stretch or are absent."""
    see.raises(
        lambda: nf.broadcast_shapes((3, 1, 4), (2, 7)),
        "BroadcastingError",
        mentions=["-1: 4 vs 7 -> mismatch", "-2: 1 vs 2 -> ok, 1 stretches to 2", "-3: 3 vs absent -> ok"],
    )


def test_the_analysis_goes_on_after_the_mismatch(see):
    """The analysis continues after the first mismatch, and includes equal sizes and axes that the first shape lacks."""
    see.raises(
        lambda: nf.broadcast_shapes((3, 1), (2, 2, 4)),
        "BroadcastingError",
        mentions=["-1: 1 vs 4 -> ok, 1 stretches to 4", "-2: 3 vs 2 -> mismatch", "-3: absent vs 2 -> ok"],
    )
    see.raises(
        lambda: nf.broadcast_shapes((2, 5, 4), (3, 5, 1)),
        "BroadcastingError",
        mentions=["-1: 4 vs 1 -> ok, 1 stretches to 4", "-2: 5 vs 5 -> ok, equal", "-3: 2 vs 3 -> mismatch"],
    )
