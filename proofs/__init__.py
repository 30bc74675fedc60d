"""What is proved about the course, each by a session of its own; `nox -s tests` holds what takes seconds."""
