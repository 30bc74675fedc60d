"""Second bodies: forward keeps the probabilities, from which it takes no logarithm."""

import numpy as np


class LogSoftmax:
    def forward(self, x):
        x = x * 1.0  # integers become floats
        with np.errstate(all="ignore"):
            shifted = x - x.max(axis=self.axis, keepdims=True, initial=-np.inf)
            powers = np.exp(shifted)
            total = np.add.reduce(powers, axis=self.axis, keepdims=True)
            self.probabilities = powers / total
            return shifted - np.log(total)

    def backward(self, grad):
        arrived = np.broadcast_to(grad.sum(axis=self.axis, keepdims=True), grad.shape)
        return grad - arrived * self.probabilities
