"""4.1 Mean squared error: `MSELoss`."""

import numpy as np

import neural_framework as nf

PREDICTIONS = np.array([[1.0, 2.0], [3.0, 4.0]])
TARGETS = np.array([[1.0, 0.0], [0.0, 4.5]])  # squared differences: 0, 4, 9, 0.25


def test_the_loss_is_the_mean_over_all_elements(see):
    """The loss is the mean of the squared differences over all elements, over rows and columns, not over rows alone."""
    loss = nf.MSELoss()(nf.Tensor(PREDICTIONS), nf.Tensor(TARGETS))
    see.close(loss, 13.25 / 4)


def test_sum_adds_the_squares_up(see):
    """reduction="sum" adds up all squared differences and divides by nothing."""
    loss = nf.MSELoss(reduction="sum")(nf.Tensor(PREDICTIONS), nf.Tensor(TARGETS))
    see.close(loss, 13.25)


def test_none_keeps_every_element(see):
    """reduction="none" gives the squared difference of each element, in their shape; also of large, close numbers."""
    loss = nf.MSELoss(reduction="none")
    see.close(loss(nf.Tensor(PREDICTIONS), nf.Tensor(TARGETS)), [[0.0, 4.0], [9.0, 0.25]])
    see.close(loss(nf.Tensor(PREDICTIONS + 2.0**30), nf.Tensor(TARGETS + 2.0**30)), [[0.0, 4.0], [9.0, 0.25]])


def test_the_gradient_points_away_from_the_targets(see):
    """d loss / d prediction = 2 (prediction - target) / n, which is positive where the prediction is too large."""
    predictions = nf.Tensor(PREDICTIONS, requires_grad=True)
    nf.MSELoss()(predictions, nf.Tensor(TARGETS)).backward()
    see.close(predictions.grad, [[0.0, 1.0], [1.5, -0.25]])  # 2 * difference / 4


def test_predictions_and_targets_both_receive_gradients(see, rng):
    """Predictions and targets may both come from a network: both gradients are right, for any reduction and shape."""
    predictions, targets = rng.normal(size=(2, 2, 3, 2))
    for reduction in ("mean", "sum", "none"):
        see.gradients(nf.MSELoss(reduction=reduction), [predictions, targets], like=squared_error(reduction))


def test_shapes_that_would_broadcast_are_refused(see):
    """Predictions (4, 1) with targets (4,) would broadcast to 16 differences: a ShapeError names both shapes."""
    column, row = nf.Tensor(np.ones((4, 1))), nf.Tensor(np.ones(4))
    see.raises(lambda: nf.MSELoss()(column, row), "ShapeError", mentions=[(4, 1), (4,)])
    see.raises(lambda: nf.MSELoss()(row, column), "ShapeError", mentions=[(4, 1), (4,)])
    see.raises(lambda: nf.MSELoss()(column[:0], row[:0]), "ShapeError", mentions=[(0, 1), (0,)])


def test_one_target_for_many_predictions_is_refused(see):
    """A target of shape () or (1,) does not match any other shape either, whatever the reduction is."""
    predictions = nf.Tensor(np.ones(3))
    see.raises(lambda: nf.MSELoss(reduction="none")(predictions, nf.Tensor(np.ones(1))), "ShapeError", mentions=[(3,)])
    single = nf.Tensor(np.float64(1.0))
    see.raises(lambda: nf.MSELoss(reduction="sum")(predictions, single), "ShapeError", mentions=[(3,)])


def test_predictions_and_targets_are_only_read(see):
    """Neither the loss nor its gradient changes the data of predictions and targets."""
    predictions, targets = nf.Tensor(PREDICTIONS.copy(), requires_grad=True), nf.Tensor(TARGETS.copy())
    nf.MSELoss()(predictions, targets).backward()
    see.equal(predictions, PREDICTIONS)
    see.equal(targets, TARGETS)


def test_single_numbers_have_a_loss_too(see):
    """For a prediction and a target of shape (), the loss is their squared difference; no numbers have no losses."""
    see.close(nf.MSELoss()(nf.Tensor(np.float64(5.0)), nf.Tensor(np.float64(2.0))), 9.0)
    none = nf.Tensor(np.zeros((0, 2)), requires_grad=True)
    see.close(nf.MSELoss(reduction="sum")(none, nf.Tensor(np.zeros((0, 2)))), 0.0)
    nf.MSELoss(reduction="none")(none, nf.Tensor(np.zeros((0, 2)))).backward(np.zeros((0, 2)))
    see.close(none.grad, np.zeros((0, 2)))


def test_the_loss_keeps_the_dtype(see):
    """float32 predictions and targets give a float32 loss, and so for gradients; of two dtypes the larger counts."""
    for dtype in ("float16", "float32", "float64"):
        predictions = nf.Tensor(PREDICTIONS, dtype=dtype, requires_grad=True)
        loss = nf.MSELoss()(predictions, nf.Tensor(TARGETS, dtype=dtype))
        loss.backward()
        see.equal([loss.dtype, predictions.grad.dtype], [dtype, dtype])
        see.close(loss, 3.3125)
    for predictions, targets in (("float32", "float64"), ("float64", "float32")):
        loss = nf.MSELoss()(nf.Tensor(PREDICTIONS, dtype=predictions), nf.Tensor(TARGETS, dtype=targets))
        see.equal(loss.dtype, "float64")  # that of predictions - targets


def test_targets_that_are_integers_count_in_the_dtype_of_the_predictions(see):
    """Class numbers or counts may be integers: float32 predictions give a float32 loss all the same."""
    for targets in (nf.Tensor([1, 3]), np.array([1, 3])):
        loss = nf.MSELoss()(nf.Tensor([1.5, 2.0]), targets)
        see.equal(loss.dtype, "float32")
        see.close(loss, (0.25 + 1.0) / 2)


def squared_error(reduction):
    """The squared error, in NumPy."""
    reduce = {"mean": np.mean, "sum": np.sum, "none": np.asarray}[reduction]
    return lambda predictions, targets: reduce((predictions - targets) ** 2)
