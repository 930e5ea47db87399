"""Private copies of a module: its code as it is in its file, its state (and its Python locks) of their own."""

import importlib.util
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

from accounts.explorer.locks import LockFiles, gated_builtins

_importing = threading.RLock()  # sys.modules is everybody's, and explorations may run side by side in threads


class Original:
    """A module's file, compiled once. Raises OSError or SyntaxError if it cannot be."""

    def __init__(self, path: str | Path, *, name: str | None = None) -> None:
        self.path = Path(path)
        self.name = name or self.path.stem
        self._code: CodeType = compile(self.path.read_bytes(), str(self.path), "exec")

    def copy(self, label: str, files: LockFiles | None = None) -> ModuleType:
        """The module, executed anew; `threading.Lock`, `threading.RLock` and `filelock.FileLock` are gates in it.

        Nothing else is changed, and it is not what others get when they import the module. `label` tells copies
        apart that exist side by side; they see each other's lock files if they are given the same `files`.
        """
        # With its loader, which is not guessed from the name then: LAB02.PY is Python, too.
        loader = SourceFileLoader(self.name, str(self.path))
        spec = importlib.util.spec_from_file_location(self.name, self.path, loader=loader)
        module = importlib.util.module_from_spec(spec)
        vars(module)["__builtins__"] = gated_builtins(
            module, label=f"{self.path} in {label}", files=files or LockFiles()
        )
        with _known_as(self.name, module):
            exec(self._code, vars(module))
        return module


@contextmanager
def _known_as(name: str, module: ModuleType) -> Iterator[None]:
    """The module has this name meanwhile (dataclasses, for one, look themselves up there); afterwards who had it."""
    with _importing:
        others = sys.modules.get(name)
        sys.modules[name] = module
        try:
            yield
        finally:
            if others is None:
                del sys.modules[name]
            else:
                sys.modules[name] = others
