"""What the process that workers are forked off imports, with one thread for BLAS."""

import importlib
import os

from .launch import BLAS_THREADS

os.setsid()  # so that Ctrl-C is the command's alone: a worker would print a traceback before it has its own session
os.environ.update(dict.fromkeys(BLAS_THREADS, "1"))  # read when NumPy is first imported
importlib.import_module("grader.inside.preloaded")
