"""Other bodies for training/losses.py: reductions by hand, and log-sum-exp minus what the targets ask for."""

from ..tensor import Tensor


class MSELoss:
    def forward(self, predictions, targets):
        squares = (self.matching(predictions, targets) - predictions) ** 2
        if self.reduction == "none":
            return squares
        total = squares.sum()
        return total if self.reduction == "sum" else total / squares.size


def cross_entropy(logits, targets):
    # With the largest logit as the new zero, which changes nothing, exp cannot overflow.
    shifted = logits - logits.max(axis=1, keepdims=True).detach()
    log_sum = shifted.exp().sum(axis=1).log()  # (N,)
    if targets.shape != logits.shape:
        flat = shifted.reshape(-1)  # class c of row n is number n * C + c
        places = [row * logits.shape[1] + int(one) for row, one in enumerate(targets.tolist())]
        return log_sum - flat[Tensor(places, dtype="int64").numpy()]
    return targets.sum(axis=1) * log_sum - (shifted * targets).sum(axis=1)
