"""Rows of a class that no one had to grade, and what run.json says of it."""

from grader.classroom.gradebook import Row
from grader.course.milestones import load_milestone
from grader.verdict.judge import DONE, IN_PROGRESS, NOT_STARTED

RUN = {"milestones": (1,), "course": "0", "seed": 5, "isolation": "namespaces", "explain": False}


def row(name, states=(), problem=None, marks=(), mistakes=()):
    """A student's row for milestone 1; tasks without a state are not started."""
    tasks, named = [], list(mistakes)
    for position, task in enumerate(load_milestone(1).tasks):
        state = states[position] if position < len(states) else NOT_STARTED
        score = {DONE: task.points, IN_PROGRESS: 0.75}.get(state, 0.0)
        about = {"id": str(task.id), "title": task.title, "state": state, "score": score, "max_score": task.points}
        tasks.append({**about, "faults": bool(named), "mistakes": named if str(task.id) == "1.4" else []})
    score = sum(task["score"] for task in tasks)
    milestone = {"number": 1, "title": "Tensors", "score": score, "max_score": 100, "tasks": tasks}
    results = {"score": score, "max_score": 100, "milestones": [milestone]}
    return Row(name, name.title(), results, marks, problem or "", problem)
