"""Guards a session's connection: what is sent over it must have passed a gate.

A gate sees only what goes through Django's cursor, `_commit` and `_rollback`. A session that talks to the driver's
connection itself would take steps that no schedule orders; so the guard refuses them.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db.backends.base.base import BaseDatabaseWrapper

from interleavings.engine.step import Step

IN_TRANSACTION = psycopg.pq.TransactionStatus.INTRANS

# What Django itself says to the server beside the statements: whether it is still there, and how to commit.
_ALWAYS_ALLOWED = ("is_usable", "_set_autocommit")


class ConnectionGuard:
    """Calls `refuse`, which raises, when something is sent over the guarded connection outside of `allowed()`.

    It looks at one place: psycopg sends and receives everything in Connection.wait(), be it a statement, a row of a
    COPY or a FETCH of a cursor.
    """

    def __init__(self, refuse: Callable[[], None]) -> None:
        self._refuse = refuse
        self._is_allowed = False

    @contextmanager
    def allowed(self) -> Iterator[None]:
        """What is sent inside of this block has passed a gate."""
        before, self._is_allowed = self._is_allowed, True
        try:
            yield
        finally:
            self._is_allowed = before

    def install(self, wrapper: BaseDatabaseWrapper) -> None:
        """Guard this connection from here on, until it is closed."""
        raw = wrapper.connection
        wait = raw.wait

        def wait_if_allowed(*arguments: Any, **options: Any) -> Any:
            if not self._is_allowed:
                self._refuse()
            return wait(*arguments, **options)

        raw.wait = wait_if_allowed
        for name in _ALWAYS_ALLOWED:
            setattr(wrapper, name, self._allowing(getattr(type(wrapper), name), wrapper))
        # A cursor of the server (.iterator()) would fetch its rows after its step. An ordinary one has them all.
        wrapper.chunked_cursor = wrapper.cursor  # type: ignore[method-assign]

    def _allowing(self, method: Callable[..., Any], wrapper: BaseDatabaseWrapper) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            with self.allowed():
                return method(wrapper, *arguments, **options)

        return call


@contextmanager
def deadlock_checked_at_once(raw: psycopg.Connection[Any]) -> Iterator[None]:
    """Makes the database look for a deadlock as soon as a statement has to wait, instead of after a second.

    Only the session whose step may close a circle of waits is to be given this: then it is always that one that finds
    the deadlock and is refused, and a schedule has one outcome.
    """
    if raw.info.transaction_status != psycopg.pq.TransactionStatus.INERROR:
        _set_deadlock_timeout(raw, "'1ms'")
    try:
        yield
    finally:
        # If the statement ended the transaction, that has taken back the setting.
        if not raw.closed and (raw.autocommit or raw.info.transaction_status == IN_TRANSACTION):
            _set_deadlock_timeout(raw, "DEFAULT")


def _set_deadlock_timeout(raw: psycopg.Connection[Any], value: str) -> None:
    scope = "SESSION" if raw.autocommit else "LOCAL"
    raw.execute(f"SET {scope} deadlock_timeout = {value}".encode())


def keep_rows(step: Step, cursor: Any) -> None:
    """Note in the step what its statement read; the session can still fetch all of it."""
    step.row_count = getattr(cursor, "rowcount", None)
    if getattr(cursor, "description", None) and isinstance(cursor, psycopg.Cursor):
        step.columns = tuple(column.name for column in cursor.description or ())
        step.rows = cursor.fetchall()
        if step.rows:
            cursor.scroll(0, mode="absolute")


def as_text(sql: Any) -> str:
    """A statement as text, also one that was composed with psycopg.sql or is given in bytes."""
    if isinstance(sql, psycopg.sql.Composable):
        return sql.as_string()
    return sql.decode() if isinstance(sql, bytes) else str(sql)
