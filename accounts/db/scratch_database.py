"""Databases that are made for one run, and dropped after it."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from django.db import ProgrammingError, connection
from django.db.backends.utils import CursorWrapper

from accounts.db.lock_numbers import SCRATCH_DATABASES
from accounts.errors import BankError

PREFIX = "test_races_"  # libraries that destroy data look for "test_"

LEFT_BEHIND = """
SELECT datname FROM pg_database WHERE starts_with(datname, %s) AND pg_get_userbyid(datdba) = current_user
AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datid = pg_database.oid)
"""


@contextmanager
def scratch_database() -> Iterator[str]:
    """Inside, Django's default connections of all threads lead to a new, empty database. Its name.

    1. Scratch databases that a killed process has left are dropped: nothing is connected to them.
    2. The new one is made, and a connection to it is kept to the end, so that no other process takes it for left.
    3. At the end it is dropped, also if something is still connected to it.

    Raises BankError if the role may not make databases.
    """
    name = f"{PREFIX}{secrets.token_hex(6)}"
    with ExitStack() as stack:
        with connection._nodb_cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", SCRATCH_DATABASES)  # until this connection is closed
            _drop_left_behind(cursor)
            _create(cursor, name)
            stack.callback(_drop, name)
            stack.enter_context(_used(name))
            stack.enter_context(_connected(name))
        yield name


@contextmanager
def scratch_databases(count: int, *, fill: Callable[[], None]) -> Iterator[list[str]]:
    """So many new databases, all alike. Their names; Django's connections lead to our own, as before.

    `fill` is called once, with Django's default connections leading to the first of them; the others are copies of it.
    All else is as with `scratch_database`.
    """
    first, *others = names = [f"{PREFIX}{secrets.token_hex(6)}" for _ in range(count)]
    with ExitStack() as stack:
        with connection._nodb_cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", SCRATCH_DATABASES)
            _drop_left_behind(cursor)
            _create(cursor, first)
            stack.callback(_drop, first)
            with _used(first):
                fill()
            for name in others:
                cursor.execute(f"CREATE DATABASE {_quote(name)} TEMPLATE {_quote(first)}")
                stack.callback(_drop, name)
            for name in names:
                stack.enter_context(_connected(name))
        yield names


def _drop_left_behind(cursor: CursorWrapper) -> None:
    cursor.execute(LEFT_BEHIND, [PREFIX])
    for (name,) in cursor.fetchall():
        cursor.execute(f"DROP DATABASE IF EXISTS {_quote(name)}")


def _create(cursor: CursorWrapper, name: str) -> None:
    try:
        cursor.execute(f"CREATE DATABASE {_quote(name)}")
    except ProgrammingError as error:
        raise BankError(
            "The database of DATABASE_URL belongs to a role that may not make another one, and schedules are run in a "
            "database of their own: give the role CREATEDB, or unset DATABASE_URL to use the embedded PostgreSQL."
        ) from error


def _drop(name: str) -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {_quote(name)} WITH (FORCE)")


@contextmanager
def _used(name: str) -> Iterator[None]:
    """The settings are one dictionary, which the connections of all threads share."""
    own_name = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = own_name


@contextmanager
def _connected(name: str) -> Iterator[None]:
    """A connection to the database that no code but this knows of."""
    another = connection.copy()
    another.settings_dict["NAME"] = name
    another.ensure_connection()
    try:
        yield
    finally:
        another.close()


def _quote(name: str) -> str:
    return connection.ops.quote_name(name)
