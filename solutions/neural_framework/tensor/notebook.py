"""A tensor as a table in HTML, which notebooks show in place of its repr."""

from html import escape

import numpy as np


def html_table(tensor):
    """A row for the values, and for each attribute that says what automatic differentiation knows of the tensor.

    Large arrays are cut as in repr. It calls no method of the tensor, so that it works before they are written.
    """
    grad_fn = "None: a leaf" if tensor.grad_fn is None else f"<{type(tensor.grad_fn).__name__}>"
    rows = {
        type(tensor).__name__: values(tensor.data),
        "shape": tensor.data.shape,
        "dtype": tensor.data.dtype,
        "requires_grad": tensor.requires_grad,
        "grad_fn": grad_fn,
        "grad": None if tensor.grad is None else values(tensor.grad.data),
    }
    return f"<table>{''.join(row(name, value) for name, value in rows.items())}</table>"


def row(name, value):
    """One row: notebooks set tables to the right, and `pre` keeps the columns of numbers."""
    left = 'style="text-align: left"'
    return f'<tr><th scope="row" {left}>{escape(name)}</th><td {left}><pre>{escape(str(value))}</pre></td></tr>'


def values(array):
    """The numbers as text, in rows."""
    return np.array2string(array, separator=", ")
