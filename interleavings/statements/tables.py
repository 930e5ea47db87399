"""The tables whose rows can be told apart: those of Django's models, by their columns and their primary key."""

from dataclasses import dataclass
from functools import cache

from django.apps import apps
from django.db.models import Field, Model, UniqueConstraint

from interleavings.statements.footprint import ANY, Thing


@dataclass(frozen=True)
class Table:
    """A model's table. `keyed` are the columns whose new value the database holds against other rows."""

    name: str
    key: str
    columns: frozenset[str]
    keyed: frozenset[str]
    beside: frozenset[Thing]  # what is locked, or waited for, when a keyed column is written


@cache
def tables() -> dict[str, Table]:
    """By name. A view, a temporary table, or one that somebody made by hand is not among them."""
    models = (model for model in apps.get_models(include_auto_created=True) if model._meta.managed)
    return {table.name: table for table in map(_table, models)}


def _table(model: type[Model]) -> Table:
    meta = model._meta
    fields = meta.concrete_fields
    constrained = {name for names in meta.unique_together for name in names}
    constrained |= {name for one in meta.constraints if isinstance(one, UniqueConstraint) for name in one.fields}
    keyed = {field.column for field in fields if field.unique or field.is_relation or field.name in constrained}
    related = {one.related_model for one in meta.get_fields(include_hidden=True) if _is_relation(one)}
    names = {meta.db_table, *(other._meta.db_table for other in related)}
    return Table(
        name=meta.db_table,
        key=meta.pk.column,
        columns=frozenset(field.column for field in fields),
        keyed=frozenset(keyed - {meta.pk.column}),
        beside=frozenset((name, ANY) for name in names),
    )


def _is_relation(one: Field) -> bool:
    return one.is_relation and one.related_model is not None
