"""Private copies of a module: its code as it is in its file, its state (and its Python locks) of their own."""

import importlib.util
import sys
from pathlib import Path
from types import CodeType, ModuleType

from accounts.explorer.locks import LockFiles, gated_builtins


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
        spec = importlib.util.spec_from_file_location(self.name, self.path)
        module = importlib.util.module_from_spec(spec)
        vars(module)["__builtins__"] = gated_builtins(
            module, label=f"{self.path} in {label}", files=files or LockFiles()
        )
        others = sys.modules.get(self.name)
        sys.modules[self.name] = module  # dataclasses, for one, look themselves up there
        try:
            exec(self._code, vars(module))
        finally:
            if others is None:
                del sys.modules[self.name]
            else:
                sys.modules[self.name] = others
        return module
