"""4.3 Cross-entropy: `CrossEntropyLoss`, and its core `cross_entropy(logits, targets)` on (N, C)."""

import numpy as np

import neural_framework as nf

LOGITS = np.array([[2.0, 1.0, -1.0], [0.5, 0.5, 3.0]])
SOFT = np.array([[0.7, 0.2, 0.1], [0.0, 0.4, 0.6]])


def test_equal_logits_know_nothing(see):
    """Four equal logits give each class the probability 1/4: the loss is log 4, whichever class is right."""
    for right in (0, 1, 3):
        see.close(nf.CrossEntropyLoss()(nf.Tensor(np.full((1, 4), 7.0)), nf.Tensor(np.array([right]))), np.log(4))


def test_the_loss_is_minus_the_log_probability_of_the_right_class(see):
    """If targets are class numbers, each row's loss is -log softmax(row)[class]."""
    loss = nf.CrossEntropyLoss(reduction="none")(nf.Tensor(LOGITS), nf.Tensor(np.array([0, 1])))
    see.close(loss, -log_softmax(LOGITS)[[0, 1], [0, 1]])


def test_the_mean_is_taken_over_samples(see):
    """The default divides the summed loss by the number of samples N, not by N * C; "sum" does not divide."""
    logits, classes = nf.Tensor(LOGITS), nf.Tensor(np.array([2, 0]))
    total = -log_softmax(LOGITS)[[0, 1], [2, 0]].sum()
    see.close(nf.CrossEntropyLoss()(logits, classes), total / 2)
    see.close(nf.CrossEntropyLoss(reduction="sum")(logits, classes), total)


def test_targets_may_be_probabilities(see):
    """If targets have the shape (N, C), they are probabilities: each row's loss is -sum(probability * log softmax)."""
    loss = nf.CrossEntropyLoss(reduction="none")(nf.Tensor(LOGITS), nf.Tensor(SOFT))
    see.close(loss, -(SOFT * log_softmax(LOGITS)).sum(axis=1))


def test_each_row_has_its_own_softmax(see):
    """The softmax runs over the classes of a row, not over the batch, even if rows differ greatly in size."""
    logits = nf.Tensor(np.array([[1000.0, 1001.0], [0.0, 1.0], [-1000.0, -999.0]]), requires_grad=True)
    loss = nf.CrossEntropyLoss(reduction="none")(logits, nf.Tensor(np.array([1, 1, 1])))
    see.close(loss, np.full(3, np.log(1 + np.exp(-1.0))))
    loss.backward(np.ones(3))
    see.close(logits.grad, [[1 / (1 + np.e), -1 / (1 + np.e)]] * 3)


def test_huge_logits_cost_what_they_should(see):
    """With logits of 10,000, confident and right costs 0, confident and wrong the difference, not inf or nan."""
    logits = nf.Tensor(np.array([[1e4, 0.0, -1e4], [1e4, 0.0, -1e4]]), requires_grad=True)
    classes, loss_fn = nf.Tensor(np.array([0, 2])), nf.CrossEntropyLoss(reduction="none")
    loss = loss_fn(logits, classes)
    see.close(loss, [0.0, 2e4])
    loss.backward(np.ones(2))
    see.close(logits.grad, [[0.0, 0.0, 0.0], [1.0, 0.0, -1.0]])  # softmax - one-hot
    see.without_warnings(lambda: loss_fn(logits, classes).backward(np.ones(2)))
    for dtype, size in (("float16", 20.0), ("float32", 100.0)):  # whose exponentials the dtype cannot hold
        logits = nf.Tensor([[size, 0.0, -size], [size, 0.0, -size]], dtype=dtype)
        see.close(loss_fn(logits, classes), [0.0, 2 * size])


def test_a_class_that_no_target_asks_for_may_be_impossible(see):
    """A class can have probability 0, and the logarithm -inf: it costs nothing unless it is the target."""
    logits, classes = np.array([[0.0, -np.inf, 2.0], [1.3e308, 0.0, -1.3e308]]), nf.Tensor(np.array([2, 0]))
    costs = [np.log(1 + np.exp(-2.0)), 0.0]
    see.close(nf.CrossEntropyLoss(reduction="none")(nf.Tensor(logits), classes), costs)


def test_a_wrong_guess_costs_what_its_logits_say(see):
    """Logits 60 and 0 with class 1 cost 60: no small number added to the softmax may hide how wrong that is."""
    loss = nf.CrossEntropyLoss()(nf.Tensor(np.array([[60.0, 0.0]])), nf.Tensor(np.array([1])))
    see.close(loss, 60.0)


def test_only_differences_between_logits_count(see):
    """Adding the same number to all logits of a row, here 1,000, does not change the loss."""
    logits, classes = np.array([[1.0, 0.0], [0.0, 2.0]]), nf.Tensor(np.array([0, 0]))
    loss = nf.CrossEntropyLoss(reduction="none")(nf.Tensor(logits + 1000.0), classes)
    see.close(loss, np.log([1 + np.exp(-1.0), 1 + np.exp(2.0)]))


def test_the_gradient_is_softmax_minus_target(see):
    """The gradient is softmax - target, for [log 3, 0] and class 1 (3/4, 1/4) - (0, 1), divided by two samples."""
    logits = nf.Tensor(np.array([[np.log(3.0), 0.0], [0.0, np.log(3.0)]]), requires_grad=True)
    nf.CrossEntropyLoss()(logits, nf.Tensor(np.array([1, 1]))).backward()
    see.close(logits.grad, [[0.375, -0.375], [0.125, -0.125]])


def test_the_gradient_with_class_targets(see, rng):
    """With class numbers as targets, the gradient of the logits is right for each reduction."""
    logits, classes = rng.normal(size=(4, 3)), np.array([0, 2, 1, 2])
    for reduction in ("mean", "sum", "none"):
        loss, like = nf.CrossEntropyLoss(reduction=reduction), cross_entropy(reduction, np.eye(3)[classes])
        see.gradients(lambda x, loss=loss: loss(x, nf.Tensor(classes)), [logits], like=like)


def test_the_gradient_with_probability_targets(see):
    """Soft targets, which may come from another network, get right gradients as well as logits, for each reduction."""
    for reduction in ("mean", "sum", "none"):
        loss = nf.CrossEntropyLoss(reduction=reduction)
        like = lambda x, t, reduction=reduction: cross_entropy(reduction, t)(x)  # noqa: E731
        see.gradients(loss, [LOGITS, SOFT], like=like)
    targets = nf.Tensor(SOFT, requires_grad=True)
    nf.CrossEntropyLoss(reduction="sum")(nf.Tensor(LOGITS), targets).backward()
    see.close(targets.grad, -log_softmax(LOGITS))


def test_one_sample_of_one_class(see):
    """With a single class the probability is 1 whatever the logit is, so the loss is 0; no samples have no losses."""
    see.close(nf.CrossEntropyLoss()(nf.Tensor(np.array([[3.0]])), nf.Tensor(np.array([0]))), 0.0)
    for targets in (np.zeros(0, dtype="int64"), np.zeros((0, 3))):
        logits = nf.Tensor(np.zeros((0, 3)), requires_grad=True)
        loss = nf.CrossEntropyLoss(reduction="none")(logits, nf.Tensor(targets))
        see.close(loss, np.zeros(0))
        loss.backward(np.zeros(0))
        see.equal(logits.grad.shape, (0, 3))


def test_the_classes_stand_on_axis_1(see, rng):
    """Logits (N, C, T) with targets (N, T) have a class per position: the mean is taken over N * T losses."""
    logits, classes = rng.normal(size=(2, 3, 4)), rng.integers(0, 3, size=(2, 4))
    loss = nf.CrossEntropyLoss()(nf.Tensor(logits), nf.Tensor(classes))
    rows = log_softmax(logits.transpose(0, 2, 1).reshape(8, 3))
    see.close(loss, -rows[np.arange(8), classes.ravel()].mean())


def test_rows_of_weighted_and_of_ignored_classes(see):
    """A class of weight 3 costs three times as much, an ignored sample costs nothing: a row need not sum to 1."""
    classes = nf.Tensor(np.array([0, 1]))
    losses = -log_softmax(LOGITS)[[0, 1], [0, 1]]
    weighted = nf.CrossEntropyLoss(weight=np.array([3.0, 1.0, 1.0]), reduction="none")
    see.close(weighted(nf.Tensor(LOGITS), classes), losses * [3.0, 1.0])
    ignoring = nf.CrossEntropyLoss(ignore_index=1, reduction="none")
    see.close(ignoring(nf.Tensor(LOGITS), classes), losses * [1.0, 0.0])


def test_rows_of_probabilities_may_have_any_sum(see):
    """Class weights are multiplied into probabilities, so a row need not sum to 1: loss and gradient allow for it."""
    weight = np.array([3.0, 1.0, 0.5])
    loss_fn = nf.CrossEntropyLoss(weight=weight, reduction="none")
    see.gradients(lambda x: loss_fn(x, nf.Tensor(SOFT)), [LOGITS], like=cross_entropy("none", SOFT * weight))
    loss = loss_fn(nf.Tensor(LOGITS), nf.Tensor(SOFT))
    see.close(loss, -(SOFT * weight * log_softmax(LOGITS)).sum(axis=1))


def test_logits_and_targets_are_only_read(see):
    """Neither the loss nor its gradient changes the data of logits and targets: the largest logit stays in its row."""
    for targets in (np.array([0, 1]), SOFT):
        logits, given = nf.Tensor(LOGITS.copy(), requires_grad=True), nf.Tensor(targets.copy())
        nf.CrossEntropyLoss()(logits, given).backward()
        see.equal(logits, LOGITS)
        see.equal(given, targets)


def test_cross_entropy_keeps_the_dtype(see):
    """float32 logits give a float32 loss and a float32 gradient, and so does every other floating dtype."""
    for dtype in ("float16", "float32", "float64"):
        for targets in (nf.Tensor([0, 1]), nf.Tensor([[1.0, 0.0], [0.0, 1.0]], dtype=dtype)):
            logits = nf.Tensor([[1.0, 2.0], [0.0, 0.0]], requires_grad=True, dtype=dtype)
            loss = nf.CrossEntropyLoss()(logits, targets)
            loss.backward()
            see.equal([loss.dtype, logits.grad.dtype], [dtype, dtype])
            see.close(loss, (np.log(1 + np.exp(2.0 - 1.0)) + np.log(2)) / 2)
    loss = nf.CrossEntropyLoss()(nf.Tensor([[0.0, 0.0]], dtype="float32"), nf.Tensor([[0.5, 0.5]], dtype="float64"))
    see.equal(loss.dtype, "float64")  # that of probabilities * log_softmax


def log_softmax(logits):
    """The log-softmax of each row, for moderate logits, in NumPy."""
    return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))


def cross_entropy(reduction, probabilities):
    """Cross-entropy with the given target probabilities, in NumPy."""
    reduce = {"mean": np.mean, "sum": np.sum, "none": np.asarray}[reduction]
    return lambda logits: reduce(-(probabilities * log_softmax(logits)).sum(axis=1))
