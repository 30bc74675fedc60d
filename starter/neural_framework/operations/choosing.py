"""Choosing among the elements of an array, for gradients that stop at some of them."""

import numpy as np

INTEGERS = {2: np.int16, 4: np.int32, 8: np.int64}  # the integers with as many bytes as a float


def zero_where(mask, array):
    """0 where the mask holds, otherwise the element of `array`, floats; the two broadcast.

    The same as np.where(mask, 0, array), which needs up to twelve times as long if the mask is irregular: a processor
    cannot predict its branches. Here the bits of each element are and-ed with 0 or with ones. A product with the mask
    would be as fast and wrong: 0 times inf is nan.
    """
    integer = INTEGERS.get(array.itemsize)
    if integer is None:  # such as float128
        return np.where(mask, 0, array)
    keep = (mask.view(np.int8) - 1).astype(integer)  # 0 where the mask holds, otherwise -1, whose bits are all ones
    return (array.view(integer) & keep).view(array.dtype)
