"""Python locks that are gates: a session stops before it takes one, and one that has to wait is seen to wait."""

import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from interleavings.engine.code_place import here
from interleavings.engine.current import current
from interleavings.engine.session import Session, State
from interleavings.engine.step import ACQUIRE, Step
from interleavings.statements import Thing

# Guards the fields of locks that are taken outside of any session, while a module is imported.
_outside = threading.RLock()


class Namer(Protocol):
    """Knows the names of locks."""

    def name_of(self, lock: "Lock") -> str: ...

    def thing(self, lock: "Lock") -> Thing:
        """The lock as footprints name it."""


class Lock:
    """threading.Lock for sessions. Sessions that wait get it in the order of asking: a schedule has one outcome.

    All fields are guarded by the lock that the sessions of one scheduler share.
    """

    is_reentrant = False

    def __init__(self, namer: Namer) -> None:
        self.owner: Session | None = None
        self._namer = namer
        self._depth = 0  # how many times the owner has taken it
        self._waiting: deque[Session] = deque()

    @property
    def name(self) -> str:
        return self._namer.name_of(self)

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """As threading's, with a gate before it. A timeout above 0 never runs out: no time passes in a schedule.

        Raises RuntimeError where threading's would wait for ever and no session is there to be seen waiting.
        """
        session = current()
        if self.is_reentrant and self._depth and self.owner is session:
            self._depth += 1  # no step: it changes nothing for others
            return True
        step = self._stop_at_gate(session)
        with self._guard:
            if self._depth == 0:
                self._give_to(session)
                return True
            if not blocking or timeout == 0:
                if step is not None:
                    step.row_count = 0
                return False
            if session is None:
                raise RuntimeError(f"{self.name} is taken twice outside of any session.")
            self._wait(session)
            return True

    def release(self) -> None:
        """As threading's. The session that has waited longest has the lock at once."""
        session = current()
        with self._guard:
            if not self._depth:
                raise RuntimeError("release unlocked lock")
            if self.is_reentrant and self.owner is not session:
                raise RuntimeError("cannot release un-acquired lock")
            self._depth -= 1
            if self._depth:
                return
            if session is not None:
                session.record.tracker.released(self._namer.thing(self))
            if self.owner is not None and self in self.owner.record.python_locks:  # it may be of an earlier run
                self.owner.record.python_locks.remove(self)
            self.owner = None
            if self._waiting:
                next_owner = self._waiting.popleft()
                self._give_to(next_owner)
                next_owner.state = State.RUNNING
                next_owner.turn.notify()

    def _give_to(self, session: Session | None) -> None:
        self.owner, self._depth = session, 1
        if session is not None:
            session.record.python_locks.append(self)

    def locked(self) -> bool:
        return self._depth > 0

    def is_mine(self) -> bool:
        """Whether the session that asks has it."""
        return self._depth > 0 and self.owner is current()

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *exception: object) -> None:
        self.release()

    def _stop_at_gate(self, session: Session | None) -> Step | None:
        if session is None:
            return None
        step = Step(session.name, f"{ACQUIRE}{self.name}", code_stack=here())
        session.stop_at_gate(step)
        session.record.tracker.asked_for(self._namer.thing(self))
        return step

    def _wait(self, session: Session) -> None:
        self._waiting.append(session)
        try:
            session.wait_for(self, lambda: session not in self._waiting)
        except BaseException:
            self._waiting.remove(session)
            raise

    @property
    def _guard(self) -> Any:
        session = current()
        return session.lock if session is not None else _outside


class RLock(Lock):
    """threading.RLock for sessions."""

    is_reentrant = True


class LocksOfModule:
    """The locks of one copy of a module, by the names that the module gave them: LOCK, or LOCKS[3]."""

    def __init__(self, module: ModuleType, label: str) -> None:
        self._module = module
        self._kind = f"Python lock of {label}"

    def name_of(self, lock: Lock) -> str:
        return self._find(lock) or "a Python lock"

    def thing(self, lock: Lock) -> Thing:
        """A lock that has no name is any lock of its module."""
        return self._kind, self._find(lock)

    def _find(self, lock: Lock) -> str | None:
        return next((name for name, value in _named_values(vars(self._module)) if value is lock), None)


def _named_values(values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Everything that a module holds by a name, also what is in its dictionaries, lists and tuples."""
    for name, value in list(values.items()):
        yield name, value
        if isinstance(value, dict) and not name.startswith("__"):
            yield from ((f"{name}[{key!r}]", item) for key, item in list(value.items()))
        elif isinstance(value, (list, tuple)):
            yield from ((f"{name}[{index}]", item) for index, item in enumerate(value))


class FileLock:
    """filelock.FileLock for sessions: a handle on the lock of one path. (Two handles of one session are one lock.)"""

    def __init__(self, lock: RLock, path: str, *, timeout: float, blocking: bool) -> None:
        self.lock_file, self.timeout, self.blocking = path, timeout, blocking
        self._lock = lock

    def acquire(
        self, timeout: float | None = None, _poll_interval: float = 0, *, blocking: bool | None = None, **_options: Any
    ) -> "Held":
        """As filelock's: what it returns lets go at the end of a `with`. Raises filelock.Timeout if it is refused."""
        is_waiting = self.blocking if blocking is None else blocking
        if not self._lock.acquire(is_waiting, self.timeout if timeout is None else timeout):
            raise import_module("filelock").Timeout(self.lock_file)
        return Held(self)

    def release(self, force: bool = False) -> None:
        """As filelock's: of one that is not held, nothing; `force`: however often it was taken."""
        while self._lock.is_mine():
            self._lock.release()
            if not force:
                break

    @property
    def is_locked(self) -> bool:
        return self._lock.is_mine()

    def __enter__(self) -> "FileLock":
        self.acquire()
        return self

    def __exit__(self, *exception: object) -> None:
        self.release()


class Held:
    """What FileLock.acquire() returns: `with lock.acquire(): ...`."""

    def __init__(self, lock: FileLock) -> None:
        self.lock = lock

    def __enter__(self) -> FileLock:
        return self.lock

    def __exit__(self, *exception: object) -> None:
        self.lock.release()


class LockFiles:
    """The lock files of a machine: one lock for each path, in whichever process or through whichever handle."""

    def __init__(self) -> None:
        self._locks: dict[str, RLock] = {}

    def open(
        self, path: Any, timeout: float = -1, *_arguments: Any, blocking: bool = True, **_options: Any
    ) -> FileLock:
        """As filelock.FileLock."""
        lock = self._locks.setdefault(str(path), RLock(self))
        return FileLock(lock, str(path), timeout=timeout, blocking=blocking)

    def name_of(self, lock: Lock) -> str:
        return f"the file {next(Path(path).name for path, known in self._locks.items() if known is lock)}"

    def thing(self, lock: Lock) -> Thing:
        return "lock file", self.name_of(lock)


def shadows(module: ModuleType, *, label: str, files: LockFiles) -> dict[str, ModuleType]:
    """What a copy of a module gets when it imports `threading` or `filelock`: the same, but with locks that are gates.

    `label` tells copies of one module apart, and is the same for the same copy in every run.
    """
    namer = LocksOfModule(module, label)
    shadow_threading = ModuleType("threading")
    vars(shadow_threading).update(vars(threading))
    vars(shadow_threading).update(Lock=lambda: Lock(namer), RLock=lambda: RLock(namer))
    shadow_filelock = ModuleType("filelock")
    with suppress(ImportError):
        vars(shadow_filelock).update(vars(import_module("filelock")))
    vars(shadow_filelock).update(FileLock=files.open, UnixFileLock=files.open, SoftFileLock=files.open)
    return {"threading": shadow_threading, "filelock": shadow_filelock}
