"""1.2 Broadcast shapes: which shape two operands take together, or why they take none."""

import neural_framework as nf


def test_equal_shapes_stay_as_they_are(see):
    """(2, 3) and (2, 3) give (2, 3); () and () give ()."""
    see.equal(nf.broadcast_shapes((2, 3), (2, 3)), (2, 3))
    see.equal(nf.broadcast_shapes((), ()), ())


def test_shapes_are_aligned_at_the_right(see):
    """A missing axis is a missing FIRST axis: (4, 3) and (3,) give (4, 3), and a number, shape (), fits everything."""
    see.equal(nf.broadcast_shapes((4, 3), (3,)), (4, 3))
    see.equal(nf.broadcast_shapes((3,), (4, 3)), (4, 3))
    see.equal(nf.broadcast_shapes((), (2, 5)), (2, 5))
    see.equal(nf.broadcast_shapes((2, 5), ()), (2, 5))


def test_a_bias_has_fewer_axes_than_its_batch(see):
    """The second shape may be the shorter one: a (4, 3) batch plus a (3,) bias, a (2, 5) matrix plus a number."""
    see.equal(nf.broadcast_shapes((4, 3), (3,)), (4, 3))
    see.equal(nf.broadcast_shapes((2, 5), ()), (2, 5))
    see.equal(nf.broadcast_shapes((6, 4, 3), (4, 1)), (6, 4, 3))


def test_a_size_of_one_stretches_on_either_side(see):
    """An axis of size 1 takes the other's size, on one side or on both: (2, 1, 3) with (1, 5, 1) is (2, 5, 3)."""
    see.equal(nf.broadcast_shapes((2, 1, 3), (1, 5, 1)), (2, 5, 3))
    see.equal(nf.broadcast_shapes((5,), (3, 1)), (3, 5))
    see.equal(nf.broadcast_shapes((1, 1), (1,)), (1, 1))


def test_one_stretches_to_zero(see):
    """1 meets 0: the result is 0, not the larger of the two. An empty batch plus a bias stays an empty batch."""
    see.equal(nf.broadcast_shapes((1,), (0,)), (0,))
    see.equal(nf.broadcast_shapes((0, 4), (1, 4)), (0, 4))
    see.equal(nf.broadcast_shapes((0, 4), (4,)), (0, 4))


def test_different_sizes_are_an_error_that_carries_both_shapes(see):
    """Neither size is 1: a BroadcastingError, with the two shapes in the order given, in message and attributes."""
    see.raises(
        lambda: nf.broadcast_shapes((3, 4), (2, 4)),
        "BroadcastingError",
        mentions=[(3, 4), (2, 4)],
        shape1=(3, 4),
        shape2=(2, 4),
    )


def test_sizes_that_divide_each_other_do_not_match(see):
    """Only 1 stretches: 4 is no multiple of 2 here, and 0 meets 3 no better."""
    see.raises(lambda: nf.broadcast_shapes((2,), (4,)), "BroadcastingError")
    see.raises(lambda: nf.broadcast_shapes((3,), (0,)), "BroadcastingError")
    see.raises(lambda: nf.broadcast_shapes((2, 3), (2,)), "BroadcastingError")


def test_the_analysis_has_a_line_for_each_dimension(see):
    """From the last axis to the first: the sizes, and whether they match, stretch, or are absent on one side."""
    see.raises(
        lambda: nf.broadcast_shapes((3, 1, 4), (2, 7)),
        "BroadcastingError",
        mentions=["-1: 4 vs 7 -> mismatch", "-2: 1 vs 2 -> ok, 1 stretches to 2", "-3: 3 vs absent -> ok"],
    )


def test_the_analysis_goes_on_after_the_mismatch(see):
    """The first bad axis does not end the report; equal sizes, and an axis that the first shape lacks, are told too."""
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
