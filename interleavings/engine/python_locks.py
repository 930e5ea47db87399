"""Python locks that are gates: a session stops before it takes one, and whoever waits for one is seen to wait."""

import builtins
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from types import ModuleType
from typing import Any

from interleavings.engine.session import Session, State, current
from interleavings.engine.step import ACQUIRE, Step

_outside = threading.Lock()  # for locks that are used outside of any session, while a module is imported


class Lock:
    """threading.Lock for sessions. Handed on in the order of asking, so that a schedule has one outcome."""

    reentrant = False

    def __init__(self, owners: "Owners | LockFiles") -> None:
        self.owner: Session | None = None
        self._owners = owners
        self._depth = 0
        self._waiting: deque[Session] = deque()

    @property
    def name(self) -> str:
        return self._owners.name_of(self)

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """As threading's. Taking it once more is no step; a timeout never runs out: no time passes in a schedule."""
        session = current()
        if self.reentrant and self._depth and self.owner is session:
            self._depth += 1
            return True
        step = None
        if session is not None:
            step = Step(session.name, f"{ACQUIRE}{self.name}")
            session.stop_at_gate(step)
            session.tracker.acquired(self._thing)
        with self._guard:
            if self._depth == 0:
                self.owner, self._depth = session, 1
                return True
            if not blocking:
                step.row_count = 0
                return False
            if session is None:
                raise RuntimeError(f"{self.name} is taken twice outside of any session.")
            self._waiting.append(session)
            try:
                session.wait_for(self, lambda: session not in self._waiting)
            except BaseException:
                self._waiting.remove(session)
                raise
            return True

    def release(self) -> None:
        session = current()
        with self._guard:
            if not self._depth or (self.reentrant and self.owner is not session):
                raise RuntimeError("release unlocked lock" if not self._depth else "cannot release un-acquired lock")
            self._depth -= 1
            if self._depth:
                return
            if session is not None:
                session.tracker.released(self._thing)
            self.owner = self._waiting.popleft() if self._waiting else None
            if self.owner is not None:
                self.owner.state, self._depth = State.RUNNING, 1
                self.owner.turn.notify()

    def locked(self) -> bool:
        return self._depth > 0

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *exception: object) -> None:
        self.release()

    @property
    def _thing(self) -> tuple[str, Any]:
        return self._owners.thing(self)

    @property
    def _guard(self) -> AbstractContextManager:
        session = current()
        return session.lock if session is not None else _outside


class RLock(Lock):
    """threading.RLock for sessions."""

    reentrant = True


class Owners:
    """The module copy that made the locks; it knows them by the names that it gave them."""

    def __init__(self, module: ModuleType, label: str) -> None:
        self._module = module
        self._kind = f"Python lock of {label}"

    def name_of(self, lock: Lock) -> str:
        return self._find(lock) or "a Python lock"

    def thing(self, lock: Lock) -> tuple[str, Any]:
        """The lock as footprints name it; one that has no name is any lock of its module."""
        return self._kind, self._find(lock)

    def _find(self, lock: Lock) -> str | None:
        return next((name for name, held in _named(vars(self._module)) if held is lock), None)


def _named(values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Everything that a module holds by a name: LOCK, and also LOCKS[3]."""
    for name, value in list(values.items()):
        yield name, value
        if isinstance(value, dict) and not name.startswith("__"):
            yield from ((f"{name}[{key!r}]", item) for key, item in list(value.items()))
        elif isinstance(value, (list, tuple)):
            yield from ((f"{name}[{place}]", item) for place, item in enumerate(value))


class LockFiles:
    """The machine's lock files: one lock for each path, whichever process or handle asks for it."""

    def __init__(self) -> None:
        self._locks: dict[str, RLock] = {}

    def open(self, path: Any, *_arguments: Any, **_options: Any) -> "Lock":
        """As filelock.FileLock. (A handle is not told from another one of the same session.)"""
        return self._locks.setdefault(str(path), RLock(self))

    def name_of(self, lock: Lock) -> str:
        return f"the file {next(Path(path).name for path, held in self._locks.items() if held is lock)}"

    def thing(self, lock: Lock) -> tuple[str, Any]:
        return "lock file", self.name_of(lock)


def gated_builtins(module: ModuleType, *, label: str, files: LockFiles) -> dict[str, Any]:
    """Builtins for a module whose imports of `threading` and `filelock` shall find our locks. Nobody else's change.

    `label` tells copies of one module apart, and is the same for the same copy in every run.
    """
    owners = Owners(module, label)
    shadows = {"threading": _shadow_threading(owners), "filelock": _shadow_filelock(files)}

    def import_(name: str, *arguments: Any, **options: Any) -> ModuleType:
        return shadows[name] if name in shadows else builtins.__import__(name, *arguments, **options)

    return vars(builtins) | {"__import__": import_}


def _shadow_filelock(files: LockFiles) -> ModuleType:
    shadow = ModuleType("filelock")
    shadow.FileLock = shadow.UnixFileLock = shadow.SoftFileLock = files.open
    return shadow


def _shadow_threading(owners: Owners) -> ModuleType:
    shadow = ModuleType("threading")
    vars(shadow).update(vars(threading))
    shadow.Lock, shadow.RLock = (lambda: Lock(owners)), (lambda: RLock(owners))
    return shadow
