"""Why checks fail: the functions at fault."""
