"""The explorer of backpropagation: a page that shows one real backward step by step, next to measured slopes."""

from .explore import explore

__all__ = ["explore"]
