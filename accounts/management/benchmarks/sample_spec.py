"""A report as a spec of isolationtester: the same schedules, each statement with the values that it was given."""

from collections.abc import Iterator, Sequence
from itertools import chain

import psycopg
from django.apps import apps
from django.db import connection

from accounts.management.benchmarks.isolationtester import BEGIN, SCHEMA
from interleavings import Report
from interleavings.engine.step import Step

FIRST_KEY = 1_000_000  # of rows that isolationtester inserts


def make_copies() -> None:
    """Make a table like each one of the samples, in a schema of isolationtester's own."""
    names = [model._meta.db_table for model in apps.get_app_config("samples").get_models()]
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA {SCHEMA}")
        for name in names:
            cursor.execute(f"CREATE TABLE {SCHEMA}.{name} (LIKE public.{name} INCLUDING ALL)")
            cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [f"{SCHEMA}.{name}", FIRST_KEY])


def write_sample_spec(report: Report) -> str:
    """A spec of the schedules that were run. Each begins with the rows that stand in the tables of the samples now."""
    tables = [model._meta.db_table for model in apps.get_app_config("samples").get_models()]
    used = [name for name in tables if any(name in step.sql for ending in report.endings for step in ending.steps)]
    resets = (
        f"DELETE FROM {name}; INSERT INTO {name} OVERRIDING SYSTEM VALUE SELECT * FROM public.{name};" for name in used
    )
    permutations = [list(_texts(ending.steps)) for ending in report.endings]
    names: dict[tuple[str, int, str], str] = {}
    for step in chain.from_iterable(permutations):
        names.setdefault(step, f"{step[0]}_{len(names)}")
    parts = [f"setup {{ {' '.join(resets)} }}"]
    for call in report.calls:
        parts.append(f"session {call}")
        parts += [f"step {name} {{ {text}; }}" for (session, _place, text), name in names.items() if session == call]
    parts += [f"permutation {' '.join(names[step] for step in permutation)}" for permutation in permutations]
    return "\n".join(parts) + "\n"


def _texts(steps: Sequence[Step]) -> Iterator[tuple[str, int, str]]:
    """Each step's session, its place among that one's steps, and its text. BEGIN belongs to the step after it."""
    counts: dict[str, int] = {}
    are_open: set[str] = set()
    cursor = psycopg.ClientCursor(connection.connection)
    for step in steps:
        counts[step.session] = counts.get(step.session, 0) + 1
        text = cursor.mogrify(step.sql, step.params) if step.params else step.sql
        if step.in_transaction and step.session not in are_open:
            text = f"{BEGIN}; {text}"
        if step.in_transaction:
            are_open.add(step.session)
        else:
            are_open.discard(step.session)
        yield step.session, counts[step.session], text
