"""4.10 Epoch, validation, accuracy: `train_epoch`, `validate`, `accuracy`."""

import numpy as np

import neural_framework as nf

INPUTS = np.array([[1.0, 2.0], [0.0, -1.0], [2.0, 0.5], [-1.0, 1.0], [3.0, -2.0]])
TARGETS = np.array([[1.0], [0.5], [-1.0], [2.0], [4.0]])
BATCHES = [slice(0, 2), slice(2, 4), slice(4, 5)]  # of 2, 2 and 1 samples


def test_an_epoch_steps_once_for_every_batch(see):
    """One epoch takes one optimizer step per batch, in order, including the smaller last batch."""
    model = line([[1.0, -1.0]])
    nf.train_epoch(model, loader(), nf.SGD(model.parameters(), lr=0.1), mean_square)
    see.close(model.weight, epoch([[1.0, -1.0]], lr=0.1)[0])


def test_an_epochs_loss_weighs_each_batch_by_its_size(see):
    """The result is a float, the mean loss per sample: batches of 2, 2, 1 have weights 2/5, 2/5, 1/5, not 1/3 each."""
    model = line([[1.0, -1.0]])
    loss = nf.train_epoch(model, loader(), nf.SGD(model.parameters(), lr=0.1), mean_square)
    see.equal(isinstance(loss, float), True)
    see.close(loss, epoch([[1.0, -1.0]], lr=0.1)[1], tolerance=1e-12)
    optimizer = nf.SGD(model.parameters(), lr=0.0)
    see.close(nf.train_epoch(model, long_and_short(), optimizer, second), (1.0 + 2 * 4.0) / 3)


def test_an_epoch_runs_in_training_mode(see):
    """train_epoch sets training mode for the model and its children, if one of them was in eval mode; it stays on."""
    for mode in (False, True):
        model = line([[1.0, -1.0]])
        model.train(mode)
        model.child.eval()
        loss = nf.train_epoch(model, loader(), nf.SGD(model.parameters(), lr=0.1), mean_square)
        see.equal(model.modes_seen, [(True, True)] * 3)
        see.close(loss, epoch([[1.0, -1.0]], lr=0.1)[1])
        see.equal([model.training, model.child.training], [True, True])
    model.eval()
    failing = lambda *_: 1 / 0  # noqa: E731
    see.raises(lambda: nf.train_epoch(model, loader(), nf.SGD(model.parameters()), failing), "ZeroDivisionError")
    see.equal([model.training, model.child.training], [True, True])  # also after an error


def test_an_epoch_clips_where_asked_to(see):
    """max_grad_norm is passed on to every step of the epoch."""
    model = line([[100.0, -100.0]])
    nf.train_epoch(model, loader(), nf.SGD(model.parameters(), lr=0.1), mean_square, max_grad_norm=1.0)
    see.close(model.weight, epoch([[100.0, -100.0]], lr=0.1, max_norm=1.0)[0])


def test_validation_weighs_each_batch_by_its_size(see):
    """The result is a float, the mean loss per sample over the whole loader, as if it were one batch."""
    loss = nf.validate(line([[1.0, -1.0]]), loader(), mean_square)
    see.equal(isinstance(loss, float), True)
    see.close(loss, np.mean((INPUTS @ [[1.0], [-1.0]] - TARGETS) ** 2), tolerance=1e-12)
    see.close(nf.validate(line([[1.0, -1.0]]), long_and_short(), second), (1.0 + 2 * 4.0) / 3)
    perfect = [(nf.Tensor(INPUTS), nf.Tensor(INPUTS[:, :1]))]
    see.close(nf.validate(line([[1.0, 0.0]]), perfect, mean_square), 0.0)


def test_validation_sees_the_model_in_eval_mode(see):
    """Model and children are in eval mode (no dropout) during validation; afterwards each has its mode from before."""
    for modes in ([True, True], [False, False], [False, True]):
        model = line([[1.0, -1.0]])
        model.training, model.child.training = modes
        nf.validate(model, loader(), mean_square)
        see.equal(model.modes_seen, [(False, False)] * 3)
        see.equal([model.training, model.child.training], modes)


def test_an_error_on_the_way_restores_the_mode(see):
    """If validation ends with an error, or is stopped by Ctrl-C, every module, at any depth, gets its own mode back."""
    model = line([[1.0, -1.0]])
    model.child.eval()
    model.child.part = nf.Module()
    model.child.part.inner = nf.Module()

    def failing(error=ArithmeticError):
        raise error("this goes wrong on the way")

    def failing_loader():
        yield loader()[0]
        failing()

    def stopped():
        try:
            nf.validate(model, loader(), lambda *_: failing(KeyboardInterrupt))
        except KeyboardInterrupt:
            raise InterruptedError from None

    for run, error in (
        (lambda: nf.validate(model, loader(), lambda *_: failing()), "ArithmeticError"),
        (lambda: nf.validate(model, failing_loader(), mean_square), "ArithmeticError"),
        (lambda: nf.validate(model, [], mean_square), "ValueError"),
        (stopped, "InterruptedError"),
    ):
        see.raises(run, error)
        see.equal([model.training, model.child.training], [True, False])
        see.equal([model.child.part.training, model.child.part.inner.training], [True, True])
        see.equal((model.weight * 2).requires_grad, True)


def test_validation_records_nothing(see):
    """Validation builds no graph: predictions and loss do not require grad, and afterwards recording is on again."""
    model, offset, seen = line([[1.0, -1.0]]), nf.Parameter(np.array([5.0])), []

    def spying_loss(predictions, targets):
        loss = mean_square(predictions, targets) + offset[0]
        seen.append((predictions.requires_grad, loss.requires_grad))
        return loss

    nf.validate(model, loader(), spying_loss)
    see.equal(seen, [(False, False)] * 3)
    see.equal((model.weight * 2).requires_grad, True)


def test_validation_changes_nothing(see):
    """Validation changes neither the weights nor the gradients that are waiting for a step."""
    model = line([[1.0, -1.0]])
    model.weight.grad = nf.Tensor(np.array([[5.0, 6.0]]))
    nf.validate(model, loader(), mean_square)
    see.equal(model.weight, np.array([[1.0, -1.0]]))
    see.equal(model.weight.grad, np.array([[5.0, 6.0]]))


def test_validation_without_a_batch_is_an_error(see):
    """A loader without a batch (too few samples, drop_last) has no mean loss: a ValueError, not 0 or nan."""
    model, empty = line([[1.0, -1.0]]), nf.DataLoader((INPUTS, TARGETS), batch_size=6, drop_last=True)
    see.raises(lambda: nf.validate(model, empty, mean_square), "ValueError")
    see.close(model.weight, [[1.0, -1.0]])


def test_an_epoch_without_a_batch_is_an_error(see):
    """An epoch of no batch has trained nothing, and has no mean loss either: a ValueError, not 0 or nan."""
    model, empty = line([[1.0, -1.0]]), nf.DataLoader((INPUTS, TARGETS), batch_size=6, drop_last=True)
    see.raises(lambda: nf.train_epoch(model, empty, nf.SGD(model.parameters(), lr=0.1), mean_square), "ValueError")
    see.close(model.weight, [[1.0, -1.0]])


def test_batches_may_come_one_by_one(see):
    """A loader is anything that yields batches: a generator, without a length, is walked through once."""
    model = line([[1.0, -1.0]])
    loss = nf.validate(model, (batch for batch in loader()), mean_square)
    see.close(loss, np.mean((INPUTS @ [[1.0], [-1.0]] - TARGETS) ** 2))
    optimizer = nf.SGD(model.parameters(), lr=0.1)
    loss = nf.train_epoch(model, (batch for batch in loader()), optimizer, mean_square)
    see.close(loss, epoch([[1.0, -1.0]], lr=0.1)[1])


def test_empty_batches_count_for_nothing(see):
    """A batch without samples has no loss (its mean is nan) and takes no step: both loops leave it out."""
    model, empty = line([[1.0, -1.0]]), (nf.Tensor(INPUTS[:0]), nf.Tensor(TARGETS[:0]))
    see.close(nf.validate(model, [empty, *loader()], mean_square), np.mean((INPUTS @ [[1.0], [-1.0]] - TARGETS) ** 2))
    loss = nf.train_epoch(model, [*loader(), empty], nf.SGD(model.parameters(), lr=0.1), mean_square)
    see.close(model.weight, epoch([[1.0, -1.0]], lr=0.1)[0])
    see.close(loss, epoch([[1.0, -1.0]], lr=0.1)[1])


def test_empty_batches_alone_are_no_batch(see):
    """If every batch is empty there is no mean loss: a ValueError, as for a loader without a batch."""
    model, empty = line([[1.0, -1.0]]), (nf.Tensor(INPUTS[:0]), nf.Tensor(TARGETS[:0]))
    see.raises(lambda: nf.validate(model, [empty], mean_square), "ValueError")
    see.raises(lambda: nf.train_epoch(model, [empty], nf.SGD(model.parameters(), lr=0.1), mean_square), "ValueError")
    see.close(model.weight, [[1.0, -1.0]])


def test_the_loss_gets_predictions_first_and_targets_second(see):
    """The call is loss_fn(predictions, targets), both in the epoch and in validation."""
    model = line([[0.0, 0.0]])
    optimizer = nf.SGD(model.parameters(), lr=1e-12)
    see.close(nf.validate(model, loader(), second), TARGETS.mean())
    see.close(nf.train_epoch(model, loader(), optimizer, second), TARGETS.mean())


def test_accuracy_is_the_share_of_right_guesses(see):
    """The guess is the class with the largest logit: three of four rows are right, so the accuracy is 0.75."""
    logits = nf.Tensor([[2.0, 1.0, 0.0], [-3.0, -1.0, -2.0], [0.0, 0.1, 0.2], [5.0, 9.0, 3.0]])
    result = nf.accuracy(logits, nf.Tensor([0, 1, 2, 0]))
    see.equal(isinstance(result, float), True)
    see.close(result, 0.75)
    for targets, share in ([0, 0], 1.0), ([1, 0], 0.5), ([2, 1], 0.0):  # of equal logits, the first is the guess
        see.close(nf.accuracy(nf.zeros((2, 3)), nf.Tensor(targets)), share)


def test_accuracy_takes_arrays_too(see):
    """Logits and targets may be arrays, as they come out of numpy(), or one of each."""
    logits, targets = np.array([[2.0, 1.0], [0.0, 3.0], [1.0, 4.0]]), np.array([0, 1, 0])
    for guesses in (logits, nf.Tensor(logits)):
        for classes in (targets, nf.Tensor(targets)):
            see.close(nf.accuracy(guesses, classes), 2 / 3)


def test_accuracy_looks_along_axis_1(see):
    """For logits (N, C, T) with targets (N, T), the classes are on axis 1, and every position counts."""
    logits = np.zeros((1, 3, 4))
    logits[0, [2, 0, 1, 1], [0, 1, 2, 3]] = 1.0  # the classes 2, 0, 1, 1
    see.close(nf.accuracy(nf.Tensor(logits), nf.Tensor([[2, 0, 1, 0]])), 0.75)


def test_accuracy_wants_one_class_for_each_sample(see):
    """Targets of shape (3, 1) or (1,) would broadcast against three guesses, and one-hot rows are not classes."""
    logits = np.array([[2.0, 1.0], [0.0, 3.0], [1.0, 4.0]])
    for targets in (np.array([[0], [1], [0]]), np.array([0]), np.array([[1, 0], [0, 1], [1, 0]])):
        see.raises(lambda targets=targets: nf.accuracy(logits, targets), "ShapeError")


def line(weight):
    """A model x @ weight.T in float64 with a child; it remembers both modes in which it was called."""

    class Line(nf.Module):
        def __init__(self):
            super().__init__()
            self.weight = nf.Parameter(np.array(weight))
            self.child = nf.Dropout(0.5)
            self.modes_seen = []

        def forward(self, x):
            self.modes_seen.append((self.training, self.child.training))
            return x @ self.weight.T

    return Line()


def mean_square(predictions, targets):
    """The mean squared error."""
    return ((predictions - targets) ** 2).mean()


def second(predictions, targets):
    """The mean of the second argument, whatever the first is."""
    return (predictions * 0 + targets).mean()


def loader():
    """Five samples in batches of 2, 2 and 1; not a DataLoader, so that its mistakes don't show here."""
    return [(nf.Tensor(INPUTS[batch]), nf.Tensor(TARGETS[batch])) for batch in BATCHES]


def long_and_short():
    """A batch of one sequence of three targets of 1, and one of two sequences of one target of 4: three samples."""
    inputs, targets = [np.zeros((1, 3, 2)), np.zeros((2, 1, 2))], [np.full((1, 3, 1), 1.0), np.full((2, 1, 1), 4.0)]
    return [(nf.Tensor(x), nf.Tensor(t)) for x, t in zip(inputs, targets, strict=True)]


def epoch(weight, lr, max_norm=np.inf):
    """The weight after one epoch of SGD, and its mean loss per sample, in NumPy."""
    weight, total = np.array(weight), 0.0
    for batch in BATCHES:
        difference = INPUTS[batch] @ weight.T - TARGETS[batch]
        total += np.sum(difference**2)
        gradient = 2 * difference.T @ INPUTS[batch] / len(difference)
        factor = min(1.0, max_norm / (np.linalg.norm(gradient) + 1e-6))
        weight = weight - lr * factor * gradient
    return weight, total / len(INPUTS)
