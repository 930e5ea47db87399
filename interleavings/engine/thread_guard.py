"""Refuses a session that starts a thread, or opens a connection of its own: no schedule could order their steps.

How it is done: `threading.Thread.start` and `psycopg.connect` are replaced, for the whole process, by functions that
first ask `current()` whether the calling thread is a session.

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

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import psycopg

from interleavings.engine.current import Abandoned, current

_THREAD_FAULT = "it started a thread of its own"
_CONNECTION_FAULT = "it opened a database connection of its own"

_lock = threading.Lock()
_user_count = 0  # guarded by _lock
_originals: dict[str, Callable[..., Any]] = {}  # guarded by _lock
_replacements: dict[str, Callable[..., Any]] = {}  # guarded by _lock


class _Here(threading.local):
    may_connect = False


_here = _Here()


def install() -> None:
    """Refuse new threads and connections in the threads of sessions, until `remove()`."""
    global _user_count
    with _lock:
        _user_count += 1
        if _user_count == 1:
            _originals.update(start=threading.Thread.start, connect=psycopg.connect)
            _replacements.update(
                start=_refusing(threading.Thread.start, _THREAD_FAULT),
                connect=_refusing(psycopg.connect, _CONNECTION_FAULT),
            )
            threading.Thread.start = _replacements["start"]  # type: ignore[method-assign]
            psycopg.connect = _replacements["connect"]


def remove() -> None:
    """Undo `install()`, once all who called it have undone it."""
    global _user_count
    with _lock:
        _user_count -= 1
        if _user_count == 0:
            if threading.Thread.start is _replacements["start"]:
                threading.Thread.start = _originals["start"]  # type: ignore[method-assign]
            if psycopg.connect is _replacements["connect"]:
                psycopg.connect = _originals["connect"]


@contextmanager
def connecting() -> Iterator[None]:
    """The session opens the one connection that it is meant to have."""
    _here.may_connect = True
    try:
        yield
    finally:
        _here.may_connect = False


def _refusing(function: Callable[..., Any], fault: str) -> Callable[..., Any]:
    @wraps(function)
    def refuse_or_call(*arguments: Any, **options: Any) -> Any:
        session = current()
        if session is None or _here.may_connect:
            return function(*arguments, **options)
        session.record.fault = fault
        raise Abandoned

    return refuse_or_call
