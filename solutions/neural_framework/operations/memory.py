"""What the process does with the memory of arrays that are no longer used."""

import numpy as np


def keep_freed_memory():
    """Have the C library keep freed memory for the next arrays, up to 64 MB.

    On Linux, glibc returns the memory of large arrays to the system, and every training step gets it again, page by
    page: W6 of `nox -s bench` spends 83 % of its time on that. Freeing one block of almost 32 MB, the largest that
    counts, raises glibc's limits: blocks up to this size are reused, and twice as much is kept (mallopt(3),
    M_MMAP_THRESHOLD). The block is never touched, so it takes no memory.
    """
    block = np.empty(2**25 - 2**16, dtype=np.uint8)
    del block
