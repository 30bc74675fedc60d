"""Another body for images/sizes.py: counting the places where a window may begin."""

from ..errors import ShapeError


def window_grid(size, kernel_size, stride, padding, owner="unfold"):
    counts = [len(range(0, size[axis] + 2 * padding[axis] - kernel_size[axis] + 1, stride[axis])) for axis in range(2)]
    if 0 in counts:
        room = tuple(size[axis] + 2 * padding[axis] for axis in range(2))
        message = f"{owner}: a kernel of {kernel_size} does not fit into {room}, an image of {size} with its padding"
        raise ShapeError(message, shapes=[tuple(size)], operation=owner)
    return counts[0], counts[1]
