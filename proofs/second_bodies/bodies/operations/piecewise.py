"""Second bodies: forward chooses with masks and keeps those, backward fills or clears by mask."""
# ruff: noqa: F821 (names of the file that these functions are put into)

import numpy as np


class ReLU:
    def forward(self, x):
        self.positive = x > 0
        return np.where(x < 0, 0, x)

    def backward(self, grad):
        dx = np.zeros_like(grad)
        dx[self.positive] = grad[self.positive]
        return dx


class LeakyReLU:
    def forward(self, x):
        self.slopes = np.full(x.shape, self.negative_slope, np.result_type(x, self.negative_slope))
        self.slopes[x > 0] = 1
        return np.maximum(x, 0) + self.negative_slope * np.minimum(x, 0)

    def backward(self, grad):
        return grad * self.slopes


class Clip:
    def forward(self, x):
        y = x.copy()
        if self.low is not None:
            y = np.where(y < self.low, self.low, y)
        if self.high is not None:
            y = np.where(y > self.high, self.high, y)
        self.outside = np.asarray(y != x)
        return y

    def backward(self, grad):
        dx = grad.copy()
        dx[self.outside] = 0
        return dx


class Maximum:
    def forward(self, x, y):
        broadcast_shapes(x.shape, y.shape, "maximum")
        self.shapes = (x.shape, y.shape)
        self.first, self.second = x > y, y > x
        return np.where(self.first | np.isnan(x), x, y)

    def backward(self, grad):
        dx = np.where(self.first, grad, np.where(self.second, 0, grad / 2))
        dy = np.where(self.second, grad, np.where(self.first, 0, grad / 2))
        return unbroadcast_gradient(dx, self.shapes[0]), unbroadcast_gradient(dy, self.shapes[1])


class Minimum:
    def forward(self, x, y):
        joint = broadcast_shapes(x.shape, y.shape, "minimum")
        self.share = (x < y) + 0.5 * (x == y)  # of x: 1, ½ or 0
        self.x_shape, self.y_shape = x.shape, y.shape
        z = np.empty(joint, np.result_type(x, y))
        z[...] = y
        np.copyto(z, x, where=(x < y) | np.isnan(x))
        return z

    def backward(self, grad):
        dx = np.where(self.share == 0, 0, grad * self.share).astype(grad.dtype)
        dy = np.where(self.share == 1, 0, grad * (1 - self.share)).astype(grad.dtype)
        return unbroadcast_gradient(dx, self.x_shape), unbroadcast_gradient(dy, self.y_shape)


class Where:
    def forward(self, x, y):
        self.shapes = (x.shape, y.shape)
        shape = broadcast_shapes(self.condition.shape, broadcast_shapes(x.shape, y.shape, "where"), "where")
        z = np.empty(shape, np.result_type(x, y))
        z[...] = y
        np.copyto(z, x, where=self.condition)
        return z

    def backward(self, grad):
        holds = np.broadcast_to(self.condition, grad.shape)
        dx, dy = grad.copy(), grad.copy()
        dx[~holds] = 0
        dy[holds] = 0
        return unbroadcast_gradient(dx, self.shapes[0]), unbroadcast_gradient(dy, self.shapes[1])
