"""All that runs in the process of a student's code, and nothing else does: checks observe there, none is judged."""
