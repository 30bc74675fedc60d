"""What a worker imports before it comes to the tree; a process that workers are forked off imports it, once."""

import importlib

from _pytest.config import default_plugins

PLUGINS = [f"_pytest.{name}" for name in default_plugins]
for module in ("numpy", "grader.inside.serve", "grader.inside.fixtures", "pytest_timeout", *PLUGINS):
    importlib.import_module(module)
