"""The one Django app: a bank, its transfers and its audits, and everything that shows their races.

Students' files name some modules by where they stood in version 0.1.0. Those names stay importable.
"""

import sys
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from types import ModuleType

FORMER_NAMES = {
    "accounts.contention": "accounts.db.contention",
    "accounts.failures": "accounts.db.sqlstates",
    "accounts.isolation": "accounts.db.isolation",
    "accounts.recorder": "accounts.strategies.shared.recorder",
}


class FormerNames(MetaPathFinder, Loader):
    """An import hook: a former name is another name of the module that took its place."""

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> ModuleSpec | None:
        """How to load a former name; None for every other name."""
        return spec_from_loader(name, self) if name in FORMER_NAMES else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """The module itself, not a copy of it: its counters exist once."""
        module = import_module(FORMER_NAMES[spec.name])
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """It has run already. Gives it back its own specification, which the import system has just replaced."""
        module.__spec__ = module.__spec__ and module.__spec__.loader_state


sys.meta_path.append(FormerNames())
