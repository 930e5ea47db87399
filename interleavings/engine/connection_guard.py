"""What goes over a session's connection: what has passed a gate, and nothing below that."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db.backends.base.base import BaseDatabaseWrapper

from interleavings.engine.step import Step

IN_TRANSACTION = psycopg.pq.TransactionStatus.INTRANS

# What Django itself says to the server beside the statements: whether it is still there, and how to commit.
_HOUSEKEEPING = ("is_usable", "_set_autocommit")


class Wire:
    """A session's connection: open for what has passed a gate. Whatever else is sent is refused, by calling `refuse`.

    psycopg sends and receives everything in Connection.wait(): a statement, a row of a COPY, a FETCH of a cursor.
    """

    def __init__(self, refuse: Callable[[], Any]) -> None:
        self._refuse = refuse
        self._is_open = False

    @contextmanager
    def open(self) -> Iterator[None]:
        """What is sent inside has passed a gate."""
        before, self._is_open = self._is_open, True
        try:
            yield
        finally:
            self._is_open = before

    def watch(self, wrapper: BaseDatabaseWrapper) -> None:
        """From here on, refuse on this connection what has not passed a gate."""
        raw = wrapper.connection
        wait = raw.wait

        def wait_if_open(*arguments: Any, **options: Any) -> Any:
            if not self._is_open:
                self._refuse()
            return wait(*arguments, **options)

        raw.wait = wait_if_open
        for name in _HOUSEKEEPING:
            setattr(wrapper, name, self._opening(getattr(type(wrapper), name), wrapper))
        # A cursor of the server (.iterator()) would fetch its rows after its step: as one of ours it has them all.
        wrapper.chunked_cursor = wrapper.cursor

    def _opening(self, method: Callable, wrapper: BaseDatabaseWrapper) -> Callable:
        def call(*arguments: Any, **options: Any) -> Any:
            with self.open():
                return method(wrapper, *arguments, **options)

        return call


@contextmanager
def hurried(raw: psycopg.Connection) -> Iterator[None]:
    """Makes the database look for a deadlock as soon as a statement has to wait, instead of after a second.

    Only the session that may close a circle hurries, so it is always that one that finds the deadlock, and ends as
    its victim.
    """
    if raw.info.transaction_status != psycopg.pq.TransactionStatus.INERROR:
        _set_patience(raw, "'1ms'")
    try:
        yield
    finally:
        # The end of a transaction, whichever it was, has taken back what was set for the transaction.
        if not raw.closed and (raw.autocommit or raw.info.transaction_status == IN_TRANSACTION):
            _set_patience(raw, "DEFAULT")


def _set_patience(raw: psycopg.Connection, value: str) -> None:
    scope = "SESSION" if raw.autocommit else "LOCAL"
    raw.execute(f"SET {scope} deadlock_timeout = {value}")


def keep_rows(step: Step, cursor: Any) -> None:
    """Note what a statement read, and leave it to be read by the one who asked."""
    step.row_count = getattr(cursor, "rowcount", None)
    if getattr(cursor, "description", None) and isinstance(cursor, psycopg.Cursor):
        step.columns = tuple(column.name for column in cursor.description)
        step.rows = cursor.fetchall()
        if step.rows:
            cursor.scroll(0, mode="absolute")


def as_text(sql: Any) -> str:
    """A statement as text, also one that was composed with psycopg.sql."""
    if isinstance(sql, psycopg.sql.Composable):
        return sql.as_string()
    return sql.decode() if isinstance(sql, bytes) else sql
