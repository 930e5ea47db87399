"""Isolation levels, for one transaction."""

from django.db import connection


def set_isolation_level(level: str) -> None:
    """Give the transaction that has just begun this isolation level; to be its first statement.

    (PostgreSQL documentation: SET TRANSACTION. Django sets a level for a whole connection only.)
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SET TRANSACTION ISOLATION LEVEL {level}")
