"""What the process does with the memory of arrays that are no longer in use."""

import numpy as np


def keep_freed_memory():
    """Have the C library keep freed memory for the next arrays, up to 64 MB.

    On Linux, glibc returns the memory of large arrays to the system, and every training step requests it again, page
    by page: W6 of `nox -s bench` then takes five times as long. Freeing one block of almost 32 MB, the largest size
    that counts, raises glibc's limits: it reuses blocks up to this size, and keeps up to twice as much (mallopt(3),
    M_MMAP_THRESHOLD). The block itself costs nothing, as it is never written to.
    """
    block = np.empty(2**25 - 2**16, dtype=np.uint8)
    del block
