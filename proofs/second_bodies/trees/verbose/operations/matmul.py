"""The matrix product, alone and with a bias."""

import numpy as np

from ..errors import ShapeError
from .base import Operation, silent
from .broadcasting import unbroadcast_gradient
from .small_steps.arrays import is_gradient_wanted, own_array
from .small_steps.axes import product_of_sizes
from .small_steps.cards import AffineCard, TwoArraysCard
from .small_steps.matrices import (
    as_left_matrix,
    as_right_matrix,
    check_product_shapes,
    flip_matrices,
    multiply_matrices,
)


class MatMul(Operation):
    """z = x @ y.   dL/dx = dL/dz @ yᵀ,  dL/dy = xᵀ @ dL/dz

    (..., N, D) @ (..., D, M) -> (..., N, M); the dimensions before the last two are batch dimensions, and broadcast.
    A vector (D,) counts as a row (1, D) on the left and as a column (D, 1) on the right; that 1 is removed from the
    result. ShapeError for a 0-d operand or unequal D, BroadcastingError if the batch dimensions do not broadcast.
    Keeps x and y.
    """

    @silent
    def forward(self, x, y):
        check_product_shapes(x.shape, y.shape)
        self.card = TwoArraysCard(left_values=own_array(x), right_values=own_array(y))
        return own_array(multiply_matrices(x, y))

    def backward(self, grad):
        left_matrix = as_left_matrix(self.card.left_values)
        right_matrix = as_right_matrix(self.card.right_values)
        matrix_gradient = self.gradient_as_matrix(grad)
        left_gradient = None
        right_gradient = None
        if is_gradient_wanted(self, 0):
            product = multiply_matrices(matrix_gradient, flip_matrices(right_matrix))
            summed = unbroadcast_gradient(product, left_matrix.shape)
            left_gradient = summed.reshape(self.card.left_values.shape)
        if is_gradient_wanted(self, 1):
            if right_matrix.ndim == 2 and left_matrix.ndim > 2:
                # One matrix for the whole batch: all rows of the batch below each other, in a single product.
                row_count = product_of_sizes(left_matrix.shape[:-1])
                left_rows = left_matrix.reshape((row_count, left_matrix.shape[-1]))
                gradient_rows = matrix_gradient.reshape((row_count, right_matrix.shape[-1]))
                summed = multiply_matrices(flip_matrices(left_rows), gradient_rows)
            else:
                product = multiply_matrices(flip_matrices(left_matrix), matrix_gradient)
                summed = unbroadcast_gradient(product, right_matrix.shape)
            right_gradient = summed.reshape(self.card.right_values.shape)
        return left_gradient, right_gradient

    def gradient_as_matrix(self, grad):
        """The gradient with the sizes of 1 that vectors had as matrices, and that the result had lost."""
        sizes = list(np.shape(grad))
        if self.card.right_values.ndim == 1:
            sizes.append(1)
        if self.card.left_values.ndim == 1:
            sizes.insert(len(sizes) - 1, 1)
        return np.asarray(grad).reshape(tuple(sizes))


class Affine(Operation):
    """z = x @ weightᵀ + bias in one step.   dL/dx = dL/dz @ weight,  dL/dweight = dL/dzᵀ @ x,  dL/dbias = Σ dL/dz

    x (..., D), weight (M, D), bias (M,) -> z (..., M). Keeps x and weight.
    """

    @silent
    def forward(self, x, weight, bias):
        check_product_shapes(x.shape, weight.T.shape)
        unit_count = weight.shape[0]
        if bias.shape != (unit_count,):
            raise ShapeError(
                f"affine got a weight of shape {weight.shape} and a bias of shape {bias.shape}, expected ({unit_count},)",
                shapes=(weight.shape, bias.shape),
                operation="affine",
            )
        row_count = product_of_sizes(x.shape[:-1])
        rows = own_array(x).reshape((row_count, x.shape[-1]))
        self.card = AffineCard(rows=rows, weight=own_array(weight), input_shape=x.shape, bias_shape=bias.shape)
        result = multiply_matrices(rows, weight.T)
        result = result + bias
        return own_array(result).reshape((*x.shape[:-1], unit_count))

    def backward(self, grad):
        rows = self.card.rows
        weight = self.card.weight
        gradient_rows = np.asarray(grad).reshape((rows.shape[0], weight.shape[0]))
        input_gradient = None
        weight_gradient = None
        bias_gradient = None
        if is_gradient_wanted(self, 0):
            input_gradient = multiply_matrices(gradient_rows, weight).reshape(self.card.input_shape)
        if is_gradient_wanted(self, 1):
            weight_gradient = multiply_matrices(flip_matrices(gradient_rows), rows)
        if is_gradient_wanted(self, 2):
            bias_gradient = unbroadcast_gradient(gradient_rows, self.card.bias_shape)
        return input_gradient, weight_gradient, bias_gradient
