"""Keeps PostgreSQL's own upkeep away from the tables, so that each statement is executed in the same way every time.

A statement's plan follows from what is known of its table's size. That changes when autovacuum has counted it, once a
minute, in the middle of an exploration. Whether a row is found by an index or by reading the whole small table decides
in which order rows are locked, and, at SERIALIZABLE, how often the database refuses: what is locked by a read is then
the row, or the table. (PostgreSQL documentation: 13.2.3 Serializable Isolation Level; 24.1.6 The Autovacuum Daemon.)
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import connection

from interleavings.database.tables import Table

# Only its owner may alter a table. One for which the setting is made already keeps it.
ALTERABLE = """
SELECT oid::int8 FROM pg_class
WHERE oid = ANY(%s::int8[]::oid[]) AND relkind = 'r' AND pg_has_role(relowner, 'USAGE')
AND NOT EXISTS (SELECT FROM unnest(reloptions) AS option WHERE option LIKE 'autovacuum_enabled=%%')
"""
OFF, AS_BEFORE = "SET (autovacuum_enabled = false)", "RESET (autovacuum_enabled)"


@contextmanager
def steady_plans(tables: Iterable[Table]) -> Iterator[None]:
    """What is inside runs without an autovacuum of these tables; afterwards they have it as before."""
    by_number = {table.number: table for table in tables}
    with connection.cursor() as cursor:
        cursor.execute(ALTERABLE, [list(by_number)])
        names = [by_number[number].sql for (number,) in cursor.fetchall()]
    _alter(names, OFF)
    try:
        yield
    finally:
        _alter(names, AS_BEFORE)


def _alter(names: Iterable[str], action: str) -> None:
    statements = "; ".join(f"ALTER TABLE IF EXISTS {name} {action}" for name in names)
    if statements:
        with connection.cursor() as cursor:
            cursor.execute(statements)
