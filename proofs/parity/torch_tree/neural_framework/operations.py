"""Operations of one's own on arrays, and what PyTorch knows of shapes."""

import torch

from .errors import BroadcastingError

__all__ = ["Operation", "broadcast_shapes", "unbroadcast_gradient"]


class Operation:
    """A step of one's own, run and recorded by `apply`."""

    inputs = ()


def broadcast_shapes(shape1, shape2, operation=None):
    """The joint shape of two shapes."""
    try:
        return tuple(torch.broadcast_shapes(shape1, shape2))
    except RuntimeError:
        raise BroadcastingError(shape1, shape2, operation) from None


def unbroadcast_gradient(grad, shape):
    """A gradient summed back to the shape of what was stretched."""
    return torch.from_numpy(grad).sum_to_size(shape).numpy()
