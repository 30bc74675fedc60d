"""Grades a class: takes in what students handed in, grades each alone, and writes the gradebook."""
