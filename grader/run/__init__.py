"""From a tree to observations: the scratch copy, the worker processes, and their supervisor."""
