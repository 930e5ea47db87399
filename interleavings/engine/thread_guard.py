"""Refuses what no schedule could put in an order: threads, connections and databases of a session's own, and the locks
of files that belong to the whole process, which hold none of its threads back.

How it is done: `threading.Thread.start`, `psycopg.connect` and the methods behind it, Django's `connect` of any
database (and three methods of its test client: clients.py), and `fcntl.lockf` with its like, are replaced, for the
whole process, by functions that first ask `current()` whether the calling thread is a session.

Why no other thread notices:

* In a thread that is no session, `current()` is None, and the original is called at once, with the same arguments,
  result and exceptions. `current()` reads a thread-local, so sessions elsewhere cannot change what it says.
* The replacement has the original's name and documentation (functools.wraps).
* Each replacement is one assignment, so another thread calls either the original or the replacement, and both do the
  same there. It is counted how many schedulers need them, under a lock, so schedulers may come and go side by side in
  several threads; the last one puts the originals back.
* If somebody else has replaced the same function meanwhile, it is not put back (theirs calls ours, and stays right,
  because ours still calls the original).
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial, wraps
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS
from django.db.backends.base.base import BaseDatabaseWrapper

from interleavings.engine import clients
from interleavings.engine.code_place import here, say_where
from interleavings.engine.current import Abandoned, current

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

Replacement = tuple[Any, str, Callable[[Any], Any]]  # owner, name, and what makes the replacement of the original
Fault = Callable[..., str]  # what is wrong with a call that was given these arguments; "" if nothing is


def _thread(*_arguments: Any, **_options: Any) -> str:
    return "it started a thread of its own"


def _connection(*_arguments: Any, **_options: Any) -> str:
    return "" if _here.may_connect else "it opened a database connection of its own"


def _database(wrapper: BaseDatabaseWrapper) -> str:
    if wrapper.alias == DEFAULT_DB_ALIAS:
        return ""
    return f"it used the database {wrapper.alias!r}, and only the steps of {DEFAULT_DB_ALIAS!r} are put in an order"


def _lock_of_process(*_arguments: Any, **_options: Any) -> str:
    return (
        "it locked a file with lockf, which holds back other processes only, and sessions are threads of one process: "
        "take filelock.FileLock"
    )


def _control_of_file(_file: Any, command: int, *_arguments: Any) -> str:
    """POSIX record locks belong to a process (fcntl(2)), those of an open file description to whom opened it."""
    return _lock_of_process() if command in (fcntl.F_SETLK, fcntl.F_SETLKW) else ""


_REFUSED: list[tuple[Any, str, Fault]] = [
    (threading.Thread, "start", _thread),
    (psycopg, "connect", _connection),
    (psycopg.Connection, "connect", _connection),
    (psycopg.AsyncConnection, "connect", _connection),
    (BaseDatabaseWrapper, "connect", _database),
    (BaseDatabaseWrapper, "ensure_connection", _database),  # in tests, Django has its own say there: ours comes first
]
if fcntl is not None:
    _REFUSED += [(module, "lockf", _lock_of_process) for module in (fcntl, os)]
    _REFUSED += [(fcntl, "fcntl", _control_of_file)]

_lock = threading.Lock()
_user_count = 0  # guarded by _lock
_replaced: list[tuple[Any, str, Any, Any]] = []  # owner, name, original, replacement; guarded by _lock


class _Here(threading.local):
    may_connect = False


_here = _Here()


def install() -> None:
    """Refuse new threads, connections and databases in the threads of sessions, until `remove()`."""
    global _user_count
    with _lock:
        _user_count += 1
        if _user_count > 1:
            return
        refusing: list[Replacement] = [
            (owner, name, partial(_refusing, fault=fault)) for owner, name, fault in _REFUSED
        ]
        for owner, name, replace in [*refusing, *clients.replacements()]:
            original = vars(owner)[name]
            replacement = replace(original)
            _replaced.append((owner, name, original, replacement))
            setattr(owner, name, replacement)


def remove() -> None:
    """Undo `install()`, once all who called it have undone it."""
    global _user_count
    with _lock:
        _user_count -= 1
        if _user_count > 0:
            return
        for owner, name, original, replacement in _replaced:
            if vars(owner)[name] is replacement:
                setattr(owner, name, original)
        _replaced.clear()


@contextmanager
def connecting() -> Iterator[None]:
    """The session opens the one connection that it is meant to have."""
    _here.may_connect = True
    try:
        yield
    finally:
        _here.may_connect = False


def _refusing(original: Any, *, fault: Fault) -> Any:
    """A function or a class method that does the same, but in a session that may not."""
    if isinstance(original, classmethod):
        return classmethod(_refusing(original.__func__, fault=fault))

    @wraps(original)
    def refuse_or_call(*arguments: Any, **options: Any) -> Any:
        session = current()
        sentence = fault(*arguments, **options) if session is not None else ""
        if session is None or not sentence:
            return original(*arguments, **options)
        session.record.fault = f"{sentence}{say_where(here())}"
        raise Abandoned

    return refuse_or_call
