"""What a transformer has besides attention: gelu, layer normalisation, positional encoding."""

from math import pi, sqrt

import numpy as np

from ..errors import ShapeError
from ..modules import Module, Parameter, Setting, integer


def gelu(x):
    """y = 0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³)))   (Hendrycks & Gimpel 2016). Any shape -> the same shape."""
    # TODO 6.3: see `nox -s hint -- 6.3`
    raise NotImplementedError("6.3: gelu is not written yet")


class GELU(Module):
    """y = gelu(x)"""

    def forward(self, x):
        return gelu(x)


class LayerNorm(Module):
    """y = (x - mean) / √(variance + eps) * weight + bias   (Ba, Kiros & Hinton 2016)

    Mean and variance are those of the last axes, which have the sizes `normalized_shape`, an int or a tuple; weight
    (ones) and bias (zeros) have that shape. Training and eval mode do not differ.
    """

    eps = Setting()

    def __init__(self, normalized_shape, eps=1e-5):
        super().__init__()
        sizes = normalized_shape if isinstance(normalized_shape, (tuple, list)) else (normalized_shape,)
        self.normalized_shape = tuple(integer("LayerNorm", "normalized_shape", size, least=1) for size in sizes)
        if not self.normalized_shape:
            raise ValueError("LayerNorm: normalized_shape must have at least one axis, got ()")
        self.eps = eps
        self.weight = Parameter(np.ones(self.normalized_shape, dtype=np.float32))
        self.bias = Parameter(np.zeros(self.normalized_shape, dtype=np.float32))

    def forward(self, x):
        """x (..., *normalized_shape) -> the same shape, with gradients through mean and variance (divided by n).

        `require_shape` raises ShapeError for another shape.
        """
        # TODO 6.3: see `nox -s hint -- 6.3`
        raise NotImplementedError("6.3: LayerNorm.forward is not written yet")

    def require_shape(self, x):
        """Raise ShapeError, naming the layer, unless x is (..., *normalized_shape)."""
        if x.shape[-len(self.normalized_shape) :] != self.normalized_shape:
            raise ShapeError(
                f"{self._title()} expects (..., {', '.join(map(str, self.normalized_shape))}), got shape {x.shape}",
                operation=self._title(),
                shapes=(x.shape, self.normalized_shape),
            )

    def extra_repr(self):
        return f"{self.normalized_shape}, eps={self.eps}"


def positional_encoding(length, embed_dim):
    """A new float32 array (length, embed_dim) that tells the positions t = 0, 1, ... apart   (Vaswani et al. 2017)

    Column 2i is sin(t / 10000^(2i / embed_dim)), column 2i + 1 the cosine of the same angle; an odd embed_dim ends
    with a sine.
    """
    # TODO 6.7: see `nox -s hint -- 6.7`
    raise NotImplementedError("6.7: positional_encoding is not written yet")
