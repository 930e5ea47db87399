"""Isolation levels: READ COMMITTED on every connection, and another one for a transaction that asks for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper


def set_read_committed(connection: BaseDatabaseWrapper, **_signal: Any) -> None:
    """Let all transactions of a new connection run at READ COMMITTED, unless they ask for another level.

    That is PostgreSQL's default, on which every lesson relies. But a server, a database or a role may have another
    one: a weak strategy would then look right. Receiver of Django's signal connection_created. The statement goes
    to the driver itself: for Django, and for what watches Django's statements, it is part of connecting.
    """
    if connection.vendor == "postgresql":
        connection.connection.execute("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED")


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
