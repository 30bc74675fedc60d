"""A class graded by a real scheduler and its workers."""
