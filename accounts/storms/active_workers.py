"""How many workers are at work on a storm, on any machine. The database counts them: no clock is asked.

A worker holds an advisory lock for as long as it works, on the very connection that it works with. If the worker is
killed, the server frees the lock only after it has finished, or rolled back, what that connection had begun.
(PostgreSQL documentation: 13.3.5 Advisory Locks.)
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError, InterfaceError, connection

from accounts.db.advisory_locks import count_holders
from accounts.db.lock_numbers import AT_WORK
from accounts.db.sql import ask


@contextmanager
def at_work(storm_id: int) -> Iterator[None]:
    """While the block lasts, this connection counts as at work on the storm. Nothing waits for this lock."""
    _ask("SELECT pg_advisory_lock_shared(%s, %s)", storm_id)
    try:
        yield
    finally:
        _leave(storm_id)


def count_at_work(storm_id: int) -> int:
    """How many connections are at work on the storm now."""
    return count_holders(AT_WORK, _number(storm_id))


def _leave(storm_id: int) -> None:
    """Free the lock. If that fails, the connection is closed, which frees the lock too."""
    try:
        _ask("SELECT pg_advisory_unlock_shared(%s, %s)", storm_id)
    except (DatabaseError, InterfaceError):
        connection.close()


def _ask(sql: str, storm_id: int) -> Any:
    return ask(sql, AT_WORK, _number(storm_id))


def _number(storm_id: int) -> int:
    return storm_id % 2**31
