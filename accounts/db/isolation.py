"""Isolation levels, for one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


def set_isolation_level(level: str) -> None:
    """Give the transaction that has just begun this isolation level; to be its first statement.

    (PostgreSQL documentation: SET TRANSACTION. Django sets a level for a whole connection only.)
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SET TRANSACTION ISOLATION LEVEL {level}")


@contextmanager
def one_snapshot() -> Iterator[None]:
    """All statements inside see the database as it was at the first of them. Reads wait for no writer."""
    with transaction.atomic(durable=True):
        set_isolation_level("REPEATABLE READ")
        yield
