"""The comparison with PyTorch: one thread, so that neither library waits for the other's."""

import os

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np  # noqa: E402
import pytest  # noqa: E402
import torch  # noqa: E402

import neural_framework as nf  # noqa: E402 (NumPy reads the variables when it is imported)

torch.set_num_threads(1)


@pytest.fixture
def rng():
    """NumPy's random numbers, the same in every test."""
    return np.random.default_rng(0)


@pytest.fixture(autouse=True)
def seeded():
    """Both libraries draw the same numbers in a test whether it runs alone or not."""
    nf.manual_seed(0)
    torch.manual_seed(0)
