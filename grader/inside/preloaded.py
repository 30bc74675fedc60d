"""What a worker imports before it comes to the tree; a process that workers are forked off imports it, once."""

import importlib

from _pytest.config import default_plugins

ALSO = ["_pytest._argcomplete", "numpy.random", "pdb"]  # these plugins and most trees import them
PLUGINS = [f"_pytest.{name}" for name in default_plugins]
for module in ("numpy", "grader.inside.serve", "grader.inside.fixtures", "pytest_timeout", *PLUGINS, *ALSO):
    importlib.import_module(module)
