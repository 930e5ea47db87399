"""Short SQL for what is done so often that Django's work around each statement would be seen.

Each connection keeps one cursor for it: to make one anew takes as long as to use it. Otherwise the statements are
Django's: they are in its transactions, and execute_wrapper() and CaptureQueriesContext see them.
"""

from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

KEPT = "kept_cursor"  # the name under which a connection has it


def execute(sql: str, *params: Any) -> int:
    """Execute one statement; return how many rows it returned or changed."""
    count: int = _executed(sql, params).rowcount
    return count


def ask(sql: str, *params: Any) -> Any:
    """The first value of the first row that the statement returns; None if it returns no row."""
    row = _executed(sql, params).fetchone()
    return row and row[0]


def _executed(sql: str, params: tuple[Any, ...]) -> CursorWrapper:
    cursor = _kept_cursor()
    cursor.execute(sql, params)
    return cursor


def _kept_cursor() -> CursorWrapper:
    """The cursor of this thread's connection; a new one if that is new, or if its statements are to be logged."""
    connection.close_if_health_check_failed()  # as connection.cursor() does: it may have died between two jobs
    cursor: CursorWrapper | None = getattr(connection, KEPT, None)
    is_usable = cursor and connection.connection and cursor.connection is connection.connection
    if cursor is None or not is_usable or connection.queries_logged:
        cursor = connection.cursor()
        setattr(connection, KEPT, cursor)
    return cursor
