"""A made class, graded in every way that must not matter."""
