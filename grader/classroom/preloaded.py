"""What the process of a submission needs, imported and read once: each is forked off one that has imported this."""

import os
import pickle
from pathlib import Path

import grader.run.preloaded  # noqa: F401
from grader.classroom.grading import make_key
from grader.course.acting import acting_part
from grader.course.milestones import course
from grader.course.mistakes import load_mistakes
from grader.run.assemble import name_of
from grader.source.exercises import exercises_by_file
from grader.verdict.diagnosis import load_fingerprints

exercises_by_file()
for milestone in course():
    load_mistakes(milestone)
    load_fingerprints(milestone)
if "COURSE_CLASS_RUN" in os.environ:
    for check in make_key(pickle.loads(Path(os.environ["COURSE_CLASS_RUN"]).read_bytes())):
        acting_part(check.text, name_of(check))
