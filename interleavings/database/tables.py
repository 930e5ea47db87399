"""The tables of a database: columns that can be written, keys, and which of them refer to which."""

from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any

from django.db import connection

# Not those of the system or of extensions, not temporary ones, no parts of a partitioned one (it has their rows), and
# none that the user may not set back.
TABLES = """
SELECT c.oid::int8, CASE WHEN pg_table_is_visible(c.oid) THEN c.relname ELSE n.nspname || '.' || c.relname END,
    CASE WHEN c.relkind = 'r' THEN 'ONLY ' ELSE '' END, format('%I.%I', n.nspname, c.relname),
    array(SELECT quote_ident(attname) FROM pg_attribute
          WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum),
    array(SELECT quote_ident(a.attname) FROM pg_index i
          JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY(i.indkey)
          WHERE i.indrelid = c.oid AND i.indisprimary),
    EXISTS (SELECT FROM pg_trigger WHERE tgrelid = c.oid AND NOT tgisinternal AND tgenabled = 'O'),
    array(SELECT conrelid::int8 FROM pg_constraint
          WHERE confrelid = c.oid AND contype = 'f' AND (confdeltype, confupdtype) <> ('a', 'a'))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND NOT c.relispartition
AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
AND has_table_privilege(c.oid, 'SELECT') AND has_table_privilege(c.oid, 'INSERT')
AND has_table_privilege(c.oid, 'DELETE')
ORDER BY 2
"""
REFERENCES = """
SELECT conrelid::int8, confrelid::int8 FROM pg_constraint WHERE contype = 'f' AND conrelid <> confrelid
"""


@dataclass(frozen=True)
class Table:
    """A table of the database, of a model or not."""

    name: str  #: with its schema, if it would not be found without
    rows: str  #: SQL for the rows in it, without those of tables that inherit from it
    sql: str  #: its name, qualified and quoted
    columns: tuple[str, ...]  #: those that can be written, quoted; generated columns are not among them
    key: tuple[str, ...]  #: the columns of its primary key, quoted; it may have none
    has_triggers: bool  #: of the user's
    number: int  #: in the system catalogs
    followers: frozenset[int]  #: the tables whose rows the database changes or deletes together with rows of this one

    def with_followers(self, tables: "list[Table]") -> "set[Table]":
        """Itself, and the tables that follow it, directly or through others."""
        found, to_visit = {self}, [self]
        while to_visit:
            numbers = to_visit.pop().followers
            more = {table for table in tables if table.number in numbers} - found
            found |= more
            to_visit += more
        return found


def all_tables() -> list[Table]:
    """The tables whose rows may be read and written, parents before the tables that refer to them. Two queries.

    Also those that belong to no model, such as that of Django's cache, and those of models that are not managed: calls
    may write to any.
    """
    found, references = _rows_of(TABLES), _rows_of(REFERENCES)
    tables = {
        number: Table(name, f"{only}{sql}", sql, tuple(columns), tuple(key), has_triggers, number, frozenset(followers))
        for number, name, only, sql, columns, key, has_triggers, followers in found
    }
    return [tables[number] for number in _parents_first(list(tables), references)]


def _rows_of(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _parents_first(tables: list[int], references: list[tuple[Any, ...]]) -> list[int]:
    """The tables in an order in which rows can be inserted; as they come, if tables refer to each other in a circle."""
    parents: dict[int, set[int]] = {table: set() for table in tables}
    for child, parent in references:
        if child in parents and parent in parents:
            parents[child].add(parent)
    try:
        return list(TopologicalSorter(parents).static_order())
    except CycleError:
        return tables
