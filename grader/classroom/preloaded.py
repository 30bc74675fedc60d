"""What the process of a submission needs, imported and read once: each is forked off one that has imported this."""

import grader.classroom.grading
import grader.run.preloaded  # noqa: F401
from grader.course.milestones import course
from grader.course.mistakes import load_mistakes
from grader.source.exercises import exercises_by_file
from grader.verdict.diagnosis import load_fingerprints

exercises_by_file()
for milestone in course():
    load_mistakes(milestone)
    load_fingerprints(milestone)
