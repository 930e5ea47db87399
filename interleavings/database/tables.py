"""The tables of a project's models, as the database knows them: columns that can be written, keys, and sequences."""

from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from django.apps import apps
from django.db import connection

COLUMNS = """
SELECT c.relname, array_agg(a.attname ORDER BY a.attnum) FILTER (WHERE a.attgenerated = '')
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.oid = ANY(SELECT to_regclass(quote_ident(name)) FROM unnest(%s::text[]) AS name)
GROUP BY c.relname
"""
KEYS = """
SELECT c.relname, array_agg(a.attname)
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY(i.indkey)
WHERE i.indisprimary AND c.oid = ANY(SELECT to_regclass(quote_ident(name)) FROM unnest(%s::text[]) AS name)
GROUP BY c.relname
"""
REFERENCES = """
SELECT child.relname, parent.relname
FROM pg_constraint k JOIN pg_class child ON child.oid = k.conrelid JOIN pg_class parent ON parent.oid = k.confrelid
WHERE k.contype = 'f' AND k.conrelid <> k.confrelid
"""


@dataclass(frozen=True)
class Table:
    """A table of a model."""

    name: str
    columns: tuple[str, ...]  #: those that can be written; generated columns are not among them
    key: tuple[str, ...]  #: the columns of its primary key


def managed_tables() -> list[Table]:
    """The tables of all managed models, parents before the tables that refer to them. Needs three queries."""
    models = (model for model in apps.get_models(include_auto_created=True) if model._meta.managed)
    names = sorted({model._meta.db_table for model in models})
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS, [names])
        columns = {name: tuple(found) for name, found in cursor.fetchall()}
        cursor.execute(KEYS, [names])
        keys = {name: tuple(found) for name, found in cursor.fetchall()}
        cursor.execute(REFERENCES)
        references = cursor.fetchall()
    there = [name for name in names if name in columns and name in keys]  # one may not have been migrated
    return [Table(name, columns[name], keys[name]) for name in _parents_first(there, references)]


def _parents_first(names: list[str], references: list[tuple[str, str]]) -> list[str]:
    """The names in an order in which rows can be inserted; as they come, if tables refer to each other in a circle."""
    parents: dict[str, set[str]] = {name: set() for name in names}
    for child, parent in references:
        if child in parents and parent in parents:
            parents[child].add(parent)
    try:
        return list(TopologicalSorter(parents).static_order())
    except CycleError:
        return names
