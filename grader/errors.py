"""The errors that end a command with one clear line."""


class CourseError(Exception):
    """Something is not as the course needs it; the message says what, and where."""


class UsageError(CourseError):
    """A command was called wrongly; the message says how to call it."""
