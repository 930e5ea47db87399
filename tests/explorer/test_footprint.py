"""Which statements touch what; what is not understood touches everything."""

import pytest

from accounts.explorer.footprint import ALL, ANY, Footprint, Tracker, access

ROW = 'SELECT "a"."id", "a"."balance" FROM "a" WHERE "a"."id" = %s LIMIT 21'


@pytest.mark.parametrize(
    ("sql", "params", "rows", "locks", "writes"),
    [
        (ROW, (7,), {7}, False, False),
        (f"{ROW} FOR UPDATE", (7,), {7}, True, False),
        (
            'SELECT "a"."id" FROM "a" WHERE "a"."id" IN (%s, %s) ORDER BY "a"."id" ASC FOR UPDATE',
            (7, 8),
            {7, 8},
            True,
            False,
        ),
        ('SELECT "a"."id" FROM "a" WHERE "a"."bank_id" = %s', (1,), {ANY}, False, False),
        ('SELECT SUM("a"."balance") AS "total" FROM "a"', (), {ANY}, False, False),
        ('SELECT "a"."id" FROM "a" WHERE ("a"."id" = %s OR "a"."balance" > %s)', (7, 1), {ANY}, False, False),
        ('UPDATE "a" SET "balance" = %s, "token" = %s WHERE "a"."id" = %s', (70, 1, 7), {7}, True, True),
        ('UPDATE "a" SET "balance" = %s WHERE ("a"."id" = %s AND "a"."token" = %s)', (70, 7, 1), {7}, True, True),
    ],
)
def test_rows_are_named_by_primary_key_where_the_statement_names_them(sql, params, rows, locks, writes):
    assert access(sql, params) == ({("a", row) for row in rows}, locks, writes)


@pytest.mark.parametrize(
    "sql",
    [
        'SELECT "a"."id" FROM "a" INNER JOIN "b" ON ("a"."b_id" = "b"."id")',
        'SELECT "a"."id" FROM "a" WHERE "a"."id" IN (SELECT "b"."a_id" FROM "b")',
        'INSERT INTO "a" ("balance") VALUES (%s)',
        'DELETE FROM "a" WHERE "a"."id" = %s',
        "SELECT pg_advisory_lock(1)",
        "LOCK TABLE a",
        "WITH x AS (UPDATE a SET balance = 0) SELECT 1",
    ],
)
def test_what_is_not_understood_is_not_guessed(sql):
    assert access(sql, (1,)) is None

    tracker = Tracker("t")
    tracker.statement(sql, (1,), committed=False)
    tracker.next_step()
    assert tracker.footprint.everything  # and so is all that follows


def test_a_write_touches_a_plain_read_only_when_it_is_committed():
    reader, writer = Tracker("a"), Tracker("t")
    reader.next_step()
    reader.statement(ROW, (7,), committed=True)
    writer.next_step()
    writer.statement('UPDATE "a" SET "balance" = %s WHERE "a"."id" = %s', (1, 7), committed=False)
    update = writer.footprint
    writer.next_step()
    writer.end(publish=True)

    assert not reader.footprint.touches(update)
    assert reader.footprint.touches(writer.footprint)


def test_a_snapshot_reads_everything_once():
    tracker = Tracker("a")
    tracker.next_step()
    tracker.private("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", in_transaction=True)
    tracker.statement(ROW, (7,), committed=False)
    first = tracker.footprint
    tracker.next_step()
    tracker.statement(ROW, (8,), committed=False)

    assert first.reads == {ALL}
    assert tracker.footprint.reads == set()


def test_steps_of_one_session_keep_their_order():
    assert Footprint(sessions={"t"}).touches(Footprint(sessions={"t", "a"}))
    assert not Footprint(sessions={"t"}).touches(Footprint(sessions={"a"}))
