"""Loading a state dict: first everything is compared and converted, then everything is written."""

from dataclasses import dataclass, field

import numpy as np


@dataclass(eq=False)
class LoadingPlan:
    """What is to be written (pairs of tensor and array), and every complaint, in words."""

    writes: list = field(default_factory=list)
    missing: list = field(default_factory=list)
    unknown: list = field(default_factory=list)
    unfitting: list = field(default_factory=list)

    def complaints(self, strict):
        """The lines for the message; those about missing and unknown names only if strict."""
        lines = []
        if strict:
            lines.extend(f"missing: {name}" for name in self.missing)
            lines.extend(f"unknown: {name}" for name in self.unknown)
        lines.extend(self.unfitting)
        return lines


def write_into(tensor, values):
    """Copy the values into the tensor, in its dtype; into its own memory unless that is read-only."""
    with np.errstate(all="ignore"):
        converted_values = np.array(values, dtype=tensor.dtype, copy=True)
    if tensor.data.flags.writeable:
        tensor.data[...] = converted_values
    else:
        tensor.data = converted_values
