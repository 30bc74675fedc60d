"""4.2 Binary cross-entropy: `BCELoss` on probabilities, `BCEWithLogitsLoss` on logits."""

import numpy as np

import neural_framework as nf


def test_bce_of_probabilities(see):
    """The loss is -log p where the target is 1 and -log(1 - p) where it is 0, averaged over all elements."""
    probabilities, targets = np.array([[0.8, 0.3], [0.5, 0.9]]), np.array([[1.0, 0.0], [1.0, 0.0]])
    loss = nf.BCELoss()(nf.Tensor(probabilities), nf.Tensor(targets))
    see.close(loss, -np.log([0.8, 0.7, 0.5, 0.1]).sum() / 4)


def test_bce_with_soft_targets(see):
    """With a target of 0.25, the loss is a quarter of -log p plus three quarters of -log(1 - p)."""
    loss = nf.BCELoss(reduction="none")(nf.Tensor(np.array([0.8, 0.2])), nf.Tensor(np.array([0.25, 0.25])))
    see.close(loss, [-0.25 * np.log(0.8) - 0.75 * np.log(0.2), -0.25 * np.log(0.2) - 0.75 * np.log(0.8)])


def test_bce_at_probabilities_of_exactly_0_and_1(see):
    """Logarithms stop at -100: certain and right costs 0, certain and wrong 100, half wrong 50; none is nan or inf."""
    p, targets = nf.Tensor(np.array([0, 1, 0, 1, 0, 1, 0.25])), nf.Tensor(np.array([0, 1, 1, 0, 0.5, 0.25, 1]))
    see.close(nf.BCELoss(reduction="none")(p, targets), [0.0, 0.0, 100.0, 100.0, 50.0, 75.0, -np.log(0.25)])
    see.without_warnings(lambda: nf.BCELoss()(p, targets))


def test_the_logarithm_is_limited_at_minus_100_and_not_before(see):
    """With target 1, p = 1e-20 costs 46.05 and p = 1e-40 costs 92.1; smaller ones cost 100, and not only 0 does."""
    probabilities = nf.Tensor(np.array([1e-20, 1e-40, 1e-60, 1e-300]))
    loss = nf.BCELoss(reduction="none")(probabilities, nf.Tensor(np.ones(4)))
    see.close(loss, [*-np.log([1e-20, 1e-40]), 100.0, 100.0], tolerance=1e-4)


def test_the_gradient_of_bce(see):
    """d loss / d p = (p - target) / (p (1 - p)), for targets of 0, 1 and in between, and for each reduction."""
    probabilities = np.array([[0.1, 0.6, 0.95], [0.3, 0.5, 0.7]])
    targets = np.array([[0.0, 1.0, 0.25], [1.0, 0.0, 0.7]])
    for reduction in ("mean", "sum", "none"):
        loss, like = nf.BCELoss(reduction=reduction), bce(reduction, targets)
        see.gradients(lambda p, loss=loss: loss(p, nf.Tensor(targets)), [probabilities], like=like)


def test_the_gradient_of_bce_where_it_is_surely_wrong(see):
    """At p = 0 with target 1 the gradient is steep but finite: p (1 - p) counts as it is, but as at least 1e-12."""
    probabilities = nf.Tensor(np.array([0.0, 1.0, 1e-12, 1e-11]), requires_grad=True)
    loss = nf.BCELoss(reduction="sum")(probabilities, nf.Tensor(np.array([1.0, 0.0, 1.0, 1.0])))
    loss.backward(retain_graph=True)
    see.close(probabilities.grad, [-1e12, 1e12, -1e12, -1e11], tolerance=1e-6)
    see.without_warnings(loss.backward)


def test_the_gradient_of_bce_where_it_is_surely_right(see):
    """At p = 0 with target 0, and at p = 1 with target 1, the gradient is never nan and at most 1 in size."""
    probabilities = nf.Tensor(np.array([0.0, 1.0, 0.25]), requires_grad=True)
    loss = nf.BCELoss(reduction="sum")(probabilities, nf.Tensor(np.array([0, 1, 1], float)))
    loss.backward(retain_graph=True)
    see.at_most(np.max(np.abs(probabilities.grad.data[:2])), 1.0)  # nan also fails
    see.close(probabilities.grad.data[2], -1 / 0.25)
    see.without_warnings(loss.backward)


def test_bce_with_logits(see):
    """On logits the loss is that of sigmoid(x), averaged over all elements: log(1 + exp(x)) - x * target."""
    logits, targets = np.array([[2.0, -1.0, 0.5]]), np.array([[1.0, 0.0, 0.3]])
    loss = nf.BCEWithLogitsLoss()(nf.Tensor(logits), nf.Tensor(targets))
    see.close(loss, np.mean(np.log(1 + np.exp(logits)) - logits * targets))


def test_huge_logits_cost_what_they_should(see):
    """A logit of 10,000 costs 10,000 with target 0 and nothing with target 1, and nothing overflows."""
    x = nf.Tensor(np.array([1e4, 1e4, -1e4, -1e4]), requires_grad=True)
    targets = nf.Tensor(np.array([0.0, 1.0, 0.0, 1.0]), requires_grad=True)
    loss_fn = nf.BCEWithLogitsLoss(reduction="none")
    loss = loss_fn(x, targets)
    see.close(loss, [1e4, 0.0, 0.0, 1e4])
    loss.backward(np.ones(4))
    see.close(x.grad, [1.0, 0.0, 0.0, -1.0])  # sigmoid(x) - target
    see.close(targets.grad, [-1e4, -1e4, 1e4, 1e4])  # -x
    see.without_warnings(lambda: loss_fn(x, targets).backward(np.ones(4)))
    for dtype, size in (("float16", 20.0), ("float32", 100.0)):  # whose exponentials the dtype cannot hold
        loss = loss_fn(nf.Tensor([size, size, -size, -size], dtype=dtype), nf.Tensor([0.0, 1.0, 0.0, 1.0], dtype=dtype))
        see.close(loss, [size, 0.0, 0.0, size])


def test_a_logit_of_40_is_not_certain(see):
    """With target 0, a logit of 40 costs 40, although sigmoid(40) rounds to 1, and the slope at -40 is not yet 0."""
    x = nf.Tensor(np.array([40.0, -40.0]), requires_grad=True)
    loss = nf.BCEWithLogitsLoss(reduction="none")(x, nf.Tensor(np.zeros(2)))
    see.close(loss, [40.0, 0.0])
    loss.backward(np.array([1.0, np.exp(40.0)]))
    see.close(x.grad, [1.0, 1.0])  # sigmoid(-40) = exp(-40)


def test_the_gradient_at_logit_0(see):
    """At logit 0 the gradient is 0.5 - target, although |x| and max(x, 0) have a kink there."""
    logits, targets = nf.Tensor(np.zeros(3), requires_grad=True), np.array([0.0, 0.25, 1.0])
    loss = nf.BCEWithLogitsLoss(reduction="sum")(logits, nf.Tensor(targets))
    loss.backward()
    see.close(loss, 3 * np.log(2))
    see.close(logits.grad, [0.5, 0.25, -0.5])


def test_the_gradient_of_bce_with_logits(see):
    """d loss / d logit = sigmoid(logit) - target, for each reduction."""
    logits = np.array([[-3.0, -0.4, 0.0004], [1.5, 6.0, 0.4]])
    targets = np.array([[0.0, 1.0, 1.0], [0.25, 1.0, 0.0]])
    for reduction in ("mean", "sum", "none"):
        loss, like = nf.BCEWithLogitsLoss(reduction=reduction), bce_with_logits(reduction, targets)
        see.gradients(lambda x, loss=loss: loss(x, nf.Tensor(targets)), [logits], like=like)


def test_the_gradient_of_targets_where_p_is_0_or_1(see):
    """The logarithms in the targets' gradient also stop at -100: it is 100 at p = 0, -100 at p = 1, and never inf."""
    targets = nf.Tensor(np.array([0.0, 1.0, 1.0]), requires_grad=True)
    loss = nf.BCELoss(reduction="sum")(nf.Tensor(np.array([0.0, 1.0, 0.25])), targets)
    see.without_warnings(loss.backward)
    see.close(targets.grad, [100.0, -100.0, np.log(0.75) - np.log(0.25)])


def test_predictions_and_targets_are_only_read(see):
    """Neither the loss nor its gradient changes the data of predictions and targets, at their extremes either."""
    targets = nf.Tensor(np.array([0.0, 1.0, 0.25]))
    p = nf.Tensor(np.array([0.0, 1.0, 0.5]), requires_grad=True)
    x = nf.Tensor(np.array([-1e6, 1e6, 0.5]), requires_grad=True)
    nf.BCELoss()(p, targets).backward()
    nf.BCEWithLogitsLoss()(x, targets).backward()
    see.equal(p, np.array([0.0, 1.0, 0.5]))
    see.equal(x, np.array([-1e6, 1e6, 0.5]))
    see.equal(targets, np.array([0.0, 1.0, 0.25]))


def test_the_incoming_gradient_is_only_read(see):
    """A loss added to another tensor passes the same upstream gradient on to both: backward must not write into it."""
    p, targets, grad = np.array([0.2, 0.6]), nf.Tensor(np.array([1.0, 0.25])), np.array([3.0, -2.0])
    for loss_fn in (nf.BCELoss(reduction="none"), nf.BCEWithLogitsLoss(reduction="none")):
        first, other, second = (nf.Tensor(p.copy(), requires_grad=True) for _ in range(3))
        (loss_fn(first, targets) + other).backward(grad)
        (second + loss_fn(first, targets)).backward(grad)
        see.close(other.grad, [3.0, -2.0])
        see.close(second.grad, [3.0, -2.0])
    see.close(grad, [3.0, -2.0])


def test_a_second_backward_gives_the_same(see):
    """backward only reads what forward kept: with retain_graph=True, a second one adds the same gradients again."""
    for loss_fn in (nf.BCELoss(reduction="sum"), nf.BCEWithLogitsLoss(reduction="sum")):
        x, t = (nf.Tensor(np.array(values), requires_grad=True) for values in ([0.2, 0.6], [1.0, 0.25]))
        loss = loss_fn(x, t)
        loss.backward(retain_graph=True)
        once = [x.grad.data.copy(), t.grad.data.copy()]
        loss.backward()
        see.close(x.grad.data - 2 * once[0], [0.0, 0.0])
        see.close(t.grad.data - 2 * once[1], [0.0, 0.0])


def test_targets_receive_gradients_too(see):
    """Soft targets may come from another network: their gradient is log(1 - p) - log p, or -x on logits."""
    p, targets = np.array([0.2, 0.6, 0.9]), np.array([0.0, 0.3, 1.0])
    see.gradients(lambda t: nf.BCELoss()(nf.Tensor(p), t), [targets], like=lambda t: bce("mean", t)(p))
    x = np.array([-2.0, 0.0, 40.0])  # sigmoid(40) rounds to 1
    logits_loss = nf.BCEWithLogitsLoss()
    see.gradients(lambda t: logits_loss(nf.Tensor(x), t), [targets], like=lambda t: bce_with_logits("mean", t)(x))


def test_binary_losses_keep_the_dtype(see):
    """float32 inputs give a float32 loss and a float32 gradient, and so does every other floating dtype."""
    for loss_class, cost in [(nf.BCELoss, -np.log(0.25)), (nf.BCEWithLogitsLoss, np.log(1 + np.exp(-0.25)))]:
        for dtype in ("float16", "float32", "float64"):
            x, t = nf.Tensor([0.25], True, dtype), nf.Tensor([1.0], True, dtype)
            loss = loss_class()(x, t)
            loss.backward()
            see.equal([loss.dtype, x.grad.dtype, t.grad.dtype], [dtype] * 3)
            see.close(loss, cost)


def test_single_numbers_have_a_loss_too(see):
    """A prediction and a target of shape () have a loss and gradients of shape (), and no numbers have none."""
    for loss_class, slopes in ((nf.BCELoss, [-4.0, np.log(3.0)]), (nf.BCEWithLogitsLoss, [-0.75, np.log(3.0)])):
        number = np.float64(0.25 if loss_class is nf.BCELoss else -np.log(3.0))
        x, t = nf.Tensor(number, requires_grad=True), nf.Tensor(np.float64(1.0), requires_grad=True)
        loss = loss_class(reduction="none")(x, t)
        loss.backward()
        see.close(loss, np.log(4.0))
        see.close(x.grad, slopes[0])
        see.close(t.grad, slopes[1])
        x, t = (nf.Tensor(np.zeros((0, 2)), requires_grad=True) for _ in range(2))
        loss_class(reduction="none")(x, t).backward(np.zeros((0, 2)))
        see.equal([x.grad.shape, t.grad.shape], [(0, 2), (0, 2)])


def bce(reduction, targets):
    """Binary cross-entropy of probabilities between 0 and 1, in NumPy."""
    reduce = {"mean": np.mean, "sum": np.sum, "none": np.asarray}[reduction]
    return lambda p: reduce(-targets * np.log(p) - (1 - targets) * np.log(1 - p))


def bce_with_logits(reduction, targets):
    """Binary cross-entropy of moderate logits, in NumPy."""
    reduce = {"mean": np.mean, "sum": np.sum, "none": np.asarray}[reduction]
    return lambda x: reduce(np.log(1 + np.exp(x)) - x * targets)
