"""Who uses an embedded server: processes. Each holds a shared lock on one file, which ends with the process.

POSIX gives such a lock to a process, not to a thread or a handle: threads do not exclude each other, and a process
that closes any of its handles of the file loses the lock, whichever handle it was taken with. So there is one Usage
in a process for each folder, however many threads and Servers there are, and nothing else opens the files. A fork
inherits the handles, but not the locks: the child begins anew.
"""

import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import fasteners


class Usage:
    """This process as a user of one server. Get it from usage(); hold a turn or `threads` to change it."""

    def __init__(self, folder: str) -> None:
        self.folder = Path(folder)
        self._begin()

    def _begin(self) -> None:
        self.threads = threading.Lock()
        self.doubted = False
        self.keeper: subprocess.Popen[bytes] | None = None
        self._joined = False
        self._start_lock = fasteners.InterProcessLock(self.folder / "start.lock")
        self._users_lock = fasteners.InterProcessReaderWriterLock(self.folder / "users.lock")

    @contextmanager
    def turn(self) -> Iterator[None]:
        """To start, stop or reset the server: one thread of one process at a time, all others wait."""
        with self.threads, self._start_lock:
            yield

    def is_user(self) -> bool:
        """Whether we hold the lock, on the file that others see: the folder may have been deleted, and made anew."""
        try:
            own_inode = os.fstat(self._users_lock.lockfile.fileno())
            return self._joined and os.path.samestat(own_inode, os.stat(self._users_lock.path))
        except (AttributeError, OSError, ValueError):  # no handle, no file, a handle that another thread just closed
            return False

    def join(self) -> None:
        """Be a user; wait while another process has the server alone."""
        if not self.is_user():
            self.leave()
            self._users_lock.acquire_read_lock(max_delay=0.05)
            self._joined = True

    def leave(self) -> None:
        if self._joined:
            self._joined = False
            self._users_lock.release_read_lock()

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """Whether no process uses the server, this one included; if so, none can begin to while the block lasts."""
        if self._joined:
            yield False
            return
        got_it = self._users_lock.acquire_write_lock(blocking=False)
        try:
            yield got_it
        finally:
            if got_it:
                self._users_lock.release_write_lock()
            else:
                _close(self._users_lock)

    def may_be_shared(self) -> bool:
        """Whether no process has the server alone. To be asked by a process that is no user."""
        got_it: bool = self._users_lock.acquire_read_lock(blocking=False)
        if got_it:
            self._users_lock.release_read_lock()
        else:
            _close(self._users_lock)
        return got_it

    def begin_again(self) -> None:
        """In a forked child. Its parent keeps its locks; `threads` may be held by a thread that only the parent has."""
        _close(self._start_lock)
        _close(self._users_lock)
        self._begin()


_usages: dict[str, Usage] = {}


def usage(folder: Path) -> Usage:
    """The one Usage of this folder in this process."""
    path = os.path.realpath(folder)
    return _usages.setdefault(path, Usage(path))  # setdefault is atomic: two threads get the same


def usages() -> list[Usage]:
    return list(_usages.values())


def _close(lock: Any) -> None:
    """A lock that was asked for in vain leaves its handle open."""
    if lock.lockfile is not None:
        lock.lockfile.close()
        lock.lockfile = None


def _begin_again() -> None:
    for usage_before_fork in usages():
        usage_before_fork.begin_again()


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_begin_again)
