"""Ways to protect a transaction, from nothing to a lock for all: the rows of the isolation matrix.

Each says two things: what surrounds a transaction, and how it reads rows. A session has one, made anew for each run.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django.db.models import QuerySet

from accounts.db.isolation import set_isolation_level
from accounts.models import Account

LOCK = threading.Lock()  # one for each process: this file is loaded once in each
EVERYTHING = 1  # the number of the advisory lock
BANK = 1  # the only one: its accounts 1 and 2 hold 100 each


class Protection:
    """An isolation level, and no lock that is asked for."""

    level = "READ COMMITTED"

    def __init__(self, *, only_reads: bool) -> None:
        """`only_reads`: whether this session writes nothing."""
        self.only_reads = only_reads

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with transaction.atomic():
            set_isolation_level(self.level)
            yield

    def rows(self) -> QuerySet[Account]:
        """The accounts, as this session reads them."""
        return Account.objects.only("number", "balance").order_by("number")

    def pair(self, source: int, target: int) -> list[Account]:
        """Two accounts, read one after the other as they are needed."""
        return [self.rows().get(number=source), self.rows().get(number=target)]


class ReadUncommitted(Protection):
    level = "READ UNCOMMITTED"


class ReadCommitted(Protection):
    """PostgreSQL's default, and Django's."""


class RepeatableRead(Protection):
    level = "REPEATABLE READ"


class Serializable(Protection):
    level = "SERIALIZABLE"


class ForUpdateUnordered(Protection):
    """select_for_update(), row by row as they are needed."""

    def rows(self) -> QuerySet[Account]:
        return super().rows().select_for_update()


class ForUpdate(ForUpdateUnordered):
    """select_for_update(), several rows in one order."""

    def pair(self, source: int, target: int) -> list[Account]:
        rows = {row.number: row for row in self.rows().filter(number__in=[source, target])}
        return [rows[source], rows[target]]


class ForUpdateByWriters(ForUpdate):
    """The missed lock: sessions that only read do not take part."""

    def rows(self) -> QuerySet[Account]:
        return Protection.rows(self) if self.only_reads else super().rows()


class AdvisoryLock(Protection):
    """pg_advisory_xact_lock(): one lock for everything, in the database, until COMMIT."""

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with super().transaction():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [EVERYTHING])
            yield


class PythonLock(Protection):
    """threading.Lock around the transaction: one lock for everything, in one process."""

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with LOCK, super().transaction():
            yield
