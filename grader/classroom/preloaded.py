"""What the process of a submission needs, imported and read once: each is forked off one that has imported this."""

import os
import pickle
from pathlib import Path

import grader.run.preloaded  # noqa: F401
from grader.classroom.grading import make_key
from grader.course.milestones import course
from grader.course.mistakes import load_mistakes
from grader.run.assemble import bytecode_of
from grader.source.exercises import exercises_by_file
from grader.source.reference import starter
from grader.source.stubs import stubs
from grader.verdict.diagnosis import load_fingerprints

exercises_by_file()
for name, text in starter().items():  # most files of most submissions
    bytecode_of(text.encode())
    stubs(text, name)
for milestone in course():
    load_mistakes(milestone)
    load_fingerprints(milestone)
try:
    options = Path(os.environ["COURSE_CLASS_RUN"]).read_bytes()
except (KeyError, FileNotFoundError):  # no class is graded; or the run is over, as every submission had its record
    options = None
if options is not None:
    make_key(pickle.loads(options))
