"""Commits that need not outlast a crash of the server."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import DatabaseError, InterfaceError, connection


@contextmanager
def commits_need_not_last() -> Iterator[None]:
    """Inside, no COMMIT on this thread's connection waits for the disk; what it shows to others is the same.

    (PostgreSQL documentation: 28.4 Asynchronous Commit.)
    """
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
    try:
        yield
    finally:
        with suppress(DatabaseError, InterfaceError), connection.cursor() as cursor:  # the connection may be lost
            cursor.execute("RESET synchronous_commit")
