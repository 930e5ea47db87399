"""Private copies of modules: their code as it is in their files, their state (and their Python locks) of their own."""

import builtins
import importlib
import importlib.util
import sys
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
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
        # A line of code is only known as the user's (code_place.py) by an absolute path.
        self.code: CodeType = compile(self.path.read_bytes(), str(self.path.absolute()), "exec")

    def copy(self, label: str) -> ModuleType:
        """A copy by itself, as of the only module in its process. See Copies."""
        return Copies(label).get(self)


class Copies:
    """The private copies of modules in one process: each module once, as with an import.

    In a copy, `threading.Lock`, `threading.RLock` and `filelock.FileLock` are gates. Nothing else is changed, and other
    importers of the module do not get the copy.

    `label` names the process, and is the same in every run. Processes of one machine see each other's lock files if
    they are given the same `files`. `private` names modules that are copied too when a copy imports them, so that their
    locks are gates as well.
    """

    def __init__(self, label: str, *, files: LockFiles | None = None, private: Collection[str] = ()) -> None:
        self._label = label
        self._files = files or LockFiles()
        self._private = private
        self._modules: dict[Path, ModuleType] = {}

    def get(self, original: Original) -> ModuleType:
        """The copy of the module, executed at the first call.

        Raises whatever the module raises then, and ImportError if it ends the program.
        """
        if original.path not in self._modules:
            self._modules[original.path] = self._execute(original)
        return self._modules[original.path]

    def _execute(self, original: Original) -> ModuleType:
        module = _new_module(original)
        replaced = shadows(module, label=f"{original.path} in {self._label}", files=self._files)
        vars(module)["__builtins__"] = vars(builtins) | {"__import__": _Importer(self, replaced, self._private)}
        with _known_as(original.name, module):
            try:
                exec(original.code, vars(module))
            except SystemExit as exit_:
                error = ImportError(f"it ends the program while it is imported: {exit_!r}")
                raise error.with_traceback(exit_.__traceback__) from exit_
        return module

    def get_by_name(self, name: str) -> ModuleType:
        """The copy of a module that could be imported under this name."""
        return self.get(_original(name))


@cache
def _original(name: str) -> Original:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise ImportError(f"There is no module {name}.")
    return Original(spec.origin, name=name)


class _Importer:
    """What an import statement of a copy calls: `__import__`, but with other modules in place of some.

    1. Of a module that is replaced (threading, filelock), the replacement.
    2. Of a private module, or of a package by which one is reached, the copy, or the package with the copy in it.
    3. All else is imported as always.
    """

    def __init__(self, copies: Copies, replaced: Mapping[str, ModuleType], private: Collection[str]) -> None:
        self._copies = copies
        self._replaced = replaced
        self._private = private

    def __call__(
        self,
        name: str,
        namespace: Mapping[str, Any] | None = None,
        names: Mapping[str, Any] | None = None,
        wanted: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        if level == 0 and name in self._replaced:
            return self._replaced[name]
        module = builtins.__import__(name, namespace, names, wanted or (), level)
        full_name = module.__name__ if level else name
        if full_name in self._private:
            copy = self._copies.get_by_name(full_name)
            return copy if wanted else _reached_from_top(full_name, copy)
        private = [item for item in wanted or () if f"{full_name}.{item}" in self._private]
        if not private:
            return module
        return _with(module, {item: self._copies.get_by_name(f"{full_name}.{item}") for item in private})


def _reached_from_top(name: str, module: ModuleType) -> ModuleType:
    """The topmost package of a dotted name, from which the module is reached: what `import a.b.c` binds."""
    while "." in name:
        name, _, last = name.rpartition(".")
        module = _with(sys.modules[name], {last: module})
    return module


def _with(package: ModuleType, modules: Mapping[str, ModuleType]) -> ModuleType:
    """The same package with other modules in it."""
    shadow = ModuleType(package.__name__)
    vars(shadow).update(vars(package))
    vars(shadow).update(modules)
    return shadow


def _new_module(original: Original) -> ModuleType:
    loader = SourceFileLoader(original.name, str(original.path))
    spec = importlib.util.spec_from_file_location(original.name, original.path, loader=loader)
    if spec is None:
        raise ImportError(f"{original.path} cannot be imported.")
    return importlib.util.module_from_spec(spec)


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
