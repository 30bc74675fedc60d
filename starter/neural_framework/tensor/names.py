"""Names that users of PyTorch know, and what is called differently here."""

from functools import wraps

SETTINGS = {
    "dim": "axis",
    "dim0": "a",
    "dim1": "b",
    "keepdim": "keepdims",
    "max": "high",
    "min": "low",
    "start_dim": "start_axis",
}


def named_here(function):
    """A decorator: a setting under its name in PyTorch is a TypeError that says how it is called here."""

    @wraps(function)
    def call(*args, **settings):
        for name in settings:
            if name in SETTINGS:
                raise TypeError(f"{function.__name__}() got {name}=, which is called {SETTINGS[name]}= here")
        return function(*args, **settings)

    return call
