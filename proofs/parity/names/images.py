"""The names that docs/electives.md promises for images, by owner, and those of them that PyTorch has nothing for."""

import neural_framework as nf

from .. import test_images

PAGE = "electives.md"
SECTION = "Images (milestone 5, room `images`)"
COMPARED_IN = (test_images,)

# Owner of the names -> an object that has them.
OWNERS = {"package": nf, "Residual": nf.Residual(nf.ReLU())}

NAMES = {
    "package": """
        unfold fold Unfold Fold conv2d conv_transpose2d max_pool2d avg_pool2d
        Conv2d ConvTranspose2d Conv1d MaxPool2d AvgPool2d Flatten Residual BatchNorm1d BatchNorm2d GroupNorm
    """,
    "Residual": "module",
}

# Why names cannot be compared -> those names; "owner.*" stands for all of an owner.
NO_COUNTERPART = {
    "PyTorch's users write it themselves": "package.Residual Residual.*",
}

# What else the page writes as code: arguments, examples, and the buffers, which the tests of state dicts compare.
OTHER_WORDS = """
    bias datasets digits end_dim kernel_size nn num_batches_tracked num_channels num_groups output_size padding
    running_mean running_var settrace start_axis start_dim stride sys weight window_grid
"""
