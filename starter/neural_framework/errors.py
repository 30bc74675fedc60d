"""The errors of the framework. Every message says what raised it, what it got, what it expected, and the repair."""

from itertools import zip_longest

__all__ = [
    "BroadcastingError",
    "CheckpointError",
    "GradientError",
    "NeuralFrameworkError",
    "NumericalInstabilityError",
    "ShapeError",
]


class NeuralFrameworkError(Exception):
    """The base class of the framework's errors; `details` holds the facts of the message in a dictionary."""

    def __init__(self, message, **details):
        super().__init__(message)
        self.details = details


class ShapeError(NeuralFrameworkError, ValueError):
    """Shapes that do not fit: `shapes` holds them, and `operation` names the operation or layer that rejected them."""

    def __init__(self, message, shapes=(), operation=None, **details):
        super().__init__(message, shapes=tuple(shapes), operation=operation, **details)
        self.shapes = tuple(shapes)
        self.operation = operation


class BroadcastingError(ShapeError):
    """Two shapes that do not broadcast; `step_analysis` has one line per dimension, from the right."""

    def __init__(self, shape1, shape2, operation=None):
        self.shape1, self.shape2 = tuple(shape1), tuple(shape2)
        self.step_analysis = compare_dimensions(self.shape1, self.shape2)
        headline = f"Cannot broadcast shapes {self.shape1} and {self.shape2}"
        if operation is not None:
            headline += f" in {operation}"
        super().__init__(
            "\n  ".join([headline, *self.step_analysis]),
            shapes=(self.shape1, self.shape2),
            operation=operation,
            step_analysis=self.step_analysis,
        )

    def __reduce__(self):
        # copy and pickle would make an error of its message.
        return type(self), (self.shape1, self.shape2, self.operation), vars(self)


class GradientError(NeuralFrameworkError, RuntimeError):
    """Automatic differentiation was asked for something that it cannot do."""


class NumericalInstabilityError(GradientError):
    """A loss or gradient contains NaN or infinite numbers: `nan_count` and `inf_count` say how many."""

    def __init__(self, message, nan_count=0, inf_count=0, **details):
        super().__init__(message, nan_count=nan_count, inf_count=inf_count, **details)
        self.nan_count = nan_count
        self.inf_count = inf_count


class CheckpointError(NeuralFrameworkError):
    """A file that is not a checkpoint, is damaged, or does not fit the objects that it is loaded into."""


def compare_dimensions(shape1, shape2):
    """One line per dimension of two shapes, from the right: both sizes, and whether one stretches to the other."""
    lines = []
    for position, (size1, size2) in enumerate(zip_longest(reversed(shape1), reversed(shape2)), start=1):
        if size1 is None or size2 is None:
            size1, size2 = ("absent" if size is None else size for size in (size1, size2))
            verdict = "ok, counts as 1"
        elif size1 == size2:
            verdict = "ok, equal"
        elif size1 == 1 or size2 == 1:
            verdict = f"ok, 1 stretches to {size2 if size1 == 1 else size1}"
        else:
            verdict = "mismatch, neither is 1"
        lines.append(f"dimension -{position}: {size1} vs {size2} -> {verdict}")
    return lines
