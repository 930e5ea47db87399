"""One value from the database, by SQL: for what is asked so often that Django's building of the SQL would be seen."""

from typing import Any

from django.db import connection


def ask(sql: str, *params: Any) -> Any:
    """The first value of the first row that the statement returns; None if it returns no row."""
    with connection.cursor() as cursor:
        row = cursor.execute(sql, params).fetchone()
    return row and row[0]
