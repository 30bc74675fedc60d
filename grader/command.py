"""What a student types before `-s`."""

import os

# bootstrap.py sets the variable, as noxfile.py replaces nox there.
COMMAND = os.environ.get("COURSE_COMMAND", "nox")
