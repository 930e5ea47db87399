"""Private copies of a module: its code as it is in its file, its state (and its Python locks) of their own."""

import builtins
import importlib.util
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from interleavings.engine.python_locks import LockFiles, shadows

_importing = threading.RLock()  # guards sys.modules: explorations may run side by side in threads


class Original:
    """A module's file, compiled once. Raises OSError, SyntaxError or ValueError if it cannot be."""

    def __init__(self, path: str | Path, *, name: str | None = None) -> None:
        self.path = Path(path)
        self.name = name or self.path.stem
        self._code: CodeType = compile(self.path.read_bytes(), str(self.path), "exec")

    def copy(self, label: str, files: LockFiles | None = None) -> ModuleType:
        """The module, executed anew. In it, `threading.Lock`, `threading.RLock` and `filelock.FileLock` are gates.

        Nothing else is changed, and other importers of the module do not get this copy. `label` tells copies apart
        that exist side by side; they see each other's lock files if they are given the same `files`. Raises whatever
        the module raises while it is executed.
        """
        module = self._new_module()
        replaced = shadows(module, label=f"{self.path} in {label}", files=files or LockFiles())
        vars(module)["__builtins__"] = _builtins_with(replaced)
        with _known_as(self.name, module):
            exec(self._code, vars(module))
        return module

    def _new_module(self) -> ModuleType:
        loader = SourceFileLoader(self.name, str(self.path))
        spec = importlib.util.spec_from_file_location(self.name, self.path, loader=loader)
        if spec is None:
            raise ImportError(f"{self.path} cannot be imported.")
        return importlib.util.module_from_spec(spec)


def _builtins_with(replaced: dict[str, ModuleType]) -> dict[str, Any]:
    """Builtins for one module, whose import statements get these modules in place of those of the same names."""

    def import_(name: str, *arguments: Any, **options: Any) -> ModuleType:
        return replaced[name] if name in replaced else builtins.__import__(name, *arguments, **options)

    return vars(builtins) | {"__import__": import_}


@contextmanager
def _known_as(name: str, module: ModuleType) -> Iterator[None]:
    """Inside, sys.modules has the module under this name, as dataclasses, for one, expect. Then it is as before."""
    with _importing:
        previous = sys.modules.get(name)
        sys.modules[name] = module
        try:
            yield
        finally:
            if previous is None:
                del sys.modules[name]
            else:
                sys.modules[name] = previous
