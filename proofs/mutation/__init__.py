"""Generic mutation of the reference: which small changes to what students write do the milestone suites notice?

A small tester of our own: the maintained ones (mutmut, cosmic-ray) run one test command on one tree in place, and here
a mutant is a tree of its own, which the grader judges from another process, its own task's checks first.
"""
