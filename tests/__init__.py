"""The repository's own tests: never of a student's work."""
