"""What a student types before `-s`."""

import os

# noxfile.py sets the variable where it replaces nox.
COMMAND = os.environ.get("COURSE_COMMAND", "nox")
