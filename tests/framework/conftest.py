"""What the tests of the framework share."""

import numpy as np
import pytest


@pytest.fixture
def rng():
    """The same numbers in each test."""
    return np.random.default_rng(7)
