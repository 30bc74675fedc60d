"""The reference next to PyTorch: the same names, values, gradients and state dicts, and PyTorch's own grade."""
