"""The tables whose rows can be told apart: those of Django's models, by their columns and their primary key."""

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from django.apps import apps
from django.db.models import CheckConstraint, Model, UniqueConstraint

ANY: Final = None  # any row of a table, any table
Thing = tuple[
    str | None, Any
]  # a table or a kind of lock, and which of it: a primary key, the number of a lock, or ANY


@dataclass(frozen=True)
class Table:
    """A model's table."""

    #: its name in the database
    name: str
    #: the column of the primary key; empty, if it has several
    key: str
    columns: frozenset[str]
    #: the columns that a unique constraint or a foreign key looks at, without the primary key
    constrained: frozenset[str]
    #: the tables in which rows are locked, or waited for, when a constrained column is written: itself, those that it
    #: refers to, and those that refer to it
    related: frozenset[Thing]


@cache
def tables() -> dict[str, Table]:
    """The tables of all managed models by name. A view, or a table that was made by hand, is not among them."""
    models = (model for model in apps.get_models(include_auto_created=True) if model._meta.managed)
    return {table.name: table for table in map(table_of, models)}


def table_of(model: type[Model]) -> Table:
    """The model's table."""
    meta = model._meta
    columns = {field.name: field.column for field in meta.concrete_fields if field.column is not None}
    key = columns.get(meta.pk.name, "")
    in_constraints = {name for names in meta.unique_together for name in names}
    in_constraints.update(field.name for field in meta.pk_fields)
    for constraint in meta.constraints:
        if isinstance(constraint, UniqueConstraint) and not (constraint.expressions or constraint.condition):
            in_constraints.update(constraint.fields)
        elif not isinstance(constraint, CheckConstraint):
            in_constraints.update(columns)  # it may look at any of them
    constrained = {
        columns[field.name]
        for field in meta.concrete_fields
        if field.unique or field.is_relation or field.name in in_constraints
    }
    others = (field.related_model for field in meta.get_fields(include_hidden=True) if field.is_relation)
    names = {meta.db_table, *(other._meta.db_table for other in others if isinstance(other, type))}
    return Table(
        name=meta.db_table,
        key=key,
        columns=frozenset(columns.values()),
        constrained=frozenset(constrained - {key}),
        related=frozenset((name, ANY) for name in names),
    )


def checked_at_commit(table: str) -> frozenset[Thing]:
    """The tables that the foreign keys of this table look at when its rows were written; all, if it is no model's."""
    known = tables().get(table)
    return known.related if known else frozenset({(ANY, ANY)})


def knows_of_constraint(table: str, columns: frozenset[str] | None) -> bool:
    """Whether it is known that writing any of these columns (None: of all) may meet a constraint with other rows.

    A model does not say it of a constraint that was made by SQL in a migration.
    """
    known = tables().get(table)
    if known is None:
        return True  # of such a table, nothing is known by a statement's text
    return (known.columns if columns is None else columns) <= known.constrained | {known.key}
