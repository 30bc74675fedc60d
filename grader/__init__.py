"""The grader: from a student's tree to a verdict (assemble, worker, judge, report), and the starter's generator."""
