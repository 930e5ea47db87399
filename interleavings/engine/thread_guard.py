"""What a session must not do, because nobody could say any more who goes next: threads and connections of its own."""

import threading
from collections.abc import Callable
from typing import Any

import psycopg

from interleavings.engine.gates import Abandoned
from interleavings.engine.session import current

_lock = threading.Lock()
_users = 0
_originals: dict[str, Any] = {}


def put_up() -> None:
    """Refuse new threads and connections in the threads of sessions; all other threads notice nothing."""
    global _users
    with _lock:
        _users += 1
        if _users > 1:
            return
        _originals.update(start=threading.Thread.start, connect=psycopg.connect)
        threading.Thread.start = _refusing(threading.Thread.start, "it started a thread of its own")
        psycopg.connect = _refusing(psycopg.connect, "it opened a database connection of its own")


def take_down() -> None:
    """Undo `put_up`, once all who called it have undone it."""
    global _users
    with _lock:
        _users -= 1
        if _users == 0:
            threading.Thread.start, psycopg.connect = _originals["start"], _originals["connect"]


def _refusing(function: Callable, fault: str) -> Callable:
    def refuse_or_call(*arguments: Any, **options: Any) -> Any:
        session = current()
        if session is None or session.is_connecting:
            return function(*arguments, **options)
        session.fault = fault
        raise Abandoned

    return refuse_or_call
