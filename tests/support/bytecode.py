"""A plugin of pytest: where no bytecode is to be written beside the code, tests write theirs into pytest's cache.

With PYTHONDONTWRITEBYTECODE in the environment, as in many containers, Python compiles our code in each of the hundreds
of processes that tests start, and pytest rewrites the assertions of every test in each of its own processes: that takes
as long as all else that it does before the first test.
"""

import os
import sys
from pathlib import Path

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Before test modules are imported, and before the processes that run them are started."""
    if sys.dont_write_bytecode and hasattr(config, "cache"):  # there is none with `-p no:cacheprovider`
        write_into(config.cache.mkdir("bytecode"))


def write_into(folder: Path) -> None:
    """Let this process, and those that it starts, write their bytecode there."""
    sys.dont_write_bytecode, sys.pycache_prefix = False, str(folder)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(folder)
