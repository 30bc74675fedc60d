"""Another body for modules/containers.py: a fold."""

import functools


class Sequential:
    def forward(self, x):
        return functools.reduce(lambda result, layer: layer(result), self, x)
