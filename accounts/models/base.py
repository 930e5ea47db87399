"""What transfers and audits share: counters of what they went through, and many rows updated at once."""

from typing import Any

from django.db import connection, models

from accounts.contention import Contention


class Contended(models.Model):
    """Rows of operations that may wait for locks, be refused, and try again."""

    COUNTERS = ("waited_us", "retries", "deadlocks", "serialization_failures", "refused_locks")

    waited_us = models.PositiveIntegerField("waited (us)", default=0, help_text="For locks, in microseconds.")
    retries = models.PositiveIntegerField(default=0)
    deadlocks = models.PositiveIntegerField(default=0)
    serialization_failures = models.PositiveIntegerField(default=0)
    refused_locks = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True

    def note_contention(self, went_through: Contention) -> None:
        for name in self.COUNTERS:
            setattr(self, name, getattr(went_through, name))


def update_many(model: type[models.Model], types: dict[str, str], rows: list[tuple[Any, ...]]) -> None:
    """Set columns of many rows in one statement. `types` are the columns' SQL types, in the order of each row's values.

    The first column is the primary key. (Django's bulk_update writes a CASE for each row and column: slower by far.)
    """
    if not rows:
        return
    key, *columns = types
    table = model._meta.db_table
    arrays = ", ".join(f"%s::{'text' if kind == 'jsonb' else kind}[]" for kind in types.values())
    settings = ", ".join(f"{name} = new.{name}{'::jsonb' if types[name] == 'jsonb' else ''}" for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {settings} FROM unnest({arrays}) AS new ({', '.join(types)}) "
            f"WHERE {table}.{key} = new.{key}",
            [list(values) for values in zip(*rows, strict=True)],
        )
