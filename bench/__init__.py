"""How fast a tree is: the same workloads in hand-written NumPy, the reference, PyTorch and autograd."""

import os

# Two threads of BLAS on a busy machine are up to 265 times slower than one. Read when NumPy is first imported.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ[variable] = "1"
