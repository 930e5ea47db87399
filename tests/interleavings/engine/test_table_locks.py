"""Which tables a statement has used, as PostgreSQL's locks say it; also those that its text does not name."""

from collections.abc import Iterator

import pytest
from django.db import connection, transaction

from interleavings.engine.table_locks import Code, TableLocks, UsedTables

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def use() -> Iterator[object]:
    """use(sql, understood=None): execute it in the open transaction, and say what it has used."""
    locks: TableLocks | None = None

    def use(sql: str, *, understood: str = "") -> UsedTables | None:
        nonlocal locks
        with connection.cursor() as cursor:
            cursor.execute(sql)
        locks = locks or TableLocks(Code.of(connection.connection))
        if understood:
            locks.understood([understood])
            return None
        return locks.of_statement(connection.connection, sql)

    with transaction.atomic():
        yield use
        transaction.set_rollback(True)


@pytest.fixture
def related_tables() -> Iterator[None]:
    """A table in two parts, and a table whose rows go with those of its parent."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE day (id int) PARTITION BY RANGE (id);"
            "CREATE TABLE day_low PARTITION OF day FOR VALUES FROM (0) TO (10);"
            "CREATE TABLE parent (id int PRIMARY KEY);"
            "CREATE TABLE child (parent_id int REFERENCES parent ON DELETE CASCADE);"
            "INSERT INTO day VALUES (1); INSERT INTO parent VALUES (1); INSERT INTO child VALUES (1)"
        )
        yield
        cursor.execute("DROP TABLE day, child, parent")


def test_tables_are_read_locked_or_written(use):
    read = use("SELECT 1 FROM samples_redemption JOIN samples_voucher ON true")
    written = use("INSERT INTO samples_mail (text) SELECT count(*) FROM samples_voucher")

    assert read.reads == {"samples_redemption", "samples_voucher"}
    assert (read.locks, read.writes) == (frozenset(), frozenset())
    assert written.reads == {"samples_mail", "samples_voucher"}
    assert (written.writes, written.sequences) == ({"samples_mail"}, {"samples_mail_id_seq"})


def test_table_of_an_earlier_statement_is_not_used_by_the_next_one(use):
    use("INSERT INTO samples_mail (text) VALUES ('a')")
    use("UPDATE samples_song SET place = 1", understood="samples_song")

    assert use("SELECT 1 FROM samples_voucher WHERE EXISTS (SELECT 1)").reads == {"samples_voucher"}


@pytest.mark.usefixtures("related_tables")
def test_parts_of_a_table_are_used_with_it_each_time(use):
    first, second = use("UPDATE day SET id = 2"), use("UPDATE day SET id = 3")

    assert first.writes == second.writes == {"day", "day_low"}


@pytest.mark.usefixtures("related_tables")
def test_foreign_key_that_acts_uses_a_table_each_time(use):
    use("UPDATE child SET parent_id = 1")

    assert use("DELETE FROM parent").writes == {"parent", "child"}


def test_other_locks_are_not_understood(use):
    assert use("LOCK TABLE samples_mail") is None
