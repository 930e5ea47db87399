"""Inserts or updates many rows in one statement."""

import json
from collections.abc import Iterable
from typing import Any

from django.db import connection, models

from accounts.db.sql import execute


def insert_many(model: type[models.Model], columns: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> None:
    """Insert rows that have these columns, in their order; their primary keys ascend with it.

    The other columns have the defaults of the model's fields. Nothing is returned, and no model's save() is called.
    While it lasts, the connection does nothing else: an iterator that asks the database would wait for itself.
    (By COPY: bulk_create prepares each value of each row in Python, which takes thirty times as long. PostgreSQL
    documentation: 14.4 Populating a Database, "Use COPY".)
    """
    defaults = _defaults(model, columns)
    names = ", ".join((*columns, *defaults))
    constants = tuple(defaults.values())
    statement = f"COPY {model._meta.db_table} ({names}) FROM STDIN"
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row + constants)


def _defaults(model: type[models.Model], names: tuple[str, ...]) -> dict[str, Any]:
    """The columns that have a default other than NULL, and are not given; as plain values."""
    fields = {field.attname: field for field in model._meta.concrete_fields if not field.primary_key}
    defaults = {name: field.get_default() for name, field in fields.items() if name not in names}
    return {name: getattr(value, "value", value) for name, value in defaults.items() if value is not None}


def update_many(model: type[models.Model], types: dict[str, str], rows: list[tuple[Any, ...]]) -> None:
    """Set columns of many rows in one statement. `types` are the columns' SQL types, in the order of each row's values.

    The first column is the primary key. (Django's bulk_update writes a CASE for each row and column: slower by far.)
    """
    if not rows:
        return
    key, *columns = types
    table = model._meta.db_table
    names = ", ".join(f"{name} {kind}" for name, kind in types.items())
    settings = ", ".join(f"{name} = new.{name}" for name in columns)
    # As JSON: Python and PostgreSQL write and read it in C; psycopg builds an array value by value, in Python.
    document = json.dumps([dict(zip(types, row, strict=True)) for row in rows], default=str)
    execute(
        f"UPDATE {table} SET {settings} FROM json_to_recordset(%s::json) AS new ({names}) "
        f"WHERE {table}.{key} = new.{key}",
        document,
    )
