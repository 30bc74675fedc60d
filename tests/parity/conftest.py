"""The comparison with PyTorch: one thread, so that neither library waits for the other's."""

import os

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"  # read when NumPy is first imported, which is below

import pytest
import torch

torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def seeded():
    """Every test draws the same random numbers, also alone."""
    import neural_framework as nf

    nf.manual_seed(0)
    torch.manual_seed(0)
