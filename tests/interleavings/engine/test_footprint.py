"""Which statements touch what; what is not understood touches everything."""

import pytest
from django.db.models import CharField, CheckConstraint, IntegerField, Model, Q, UniqueConstraint
from django.db.models.functions import Lower
from django.test.utils import isolate_apps

from accounts.ledger import APPLY_REPLACING
from interleavings.engine.footprint import ALL, Footprint
from interleavings.engine.tracker import Tracker
from interleavings.statements import ANY, access, is_neutral, leaves_nothing
from interleavings.statements._tables import table_of

TABLE = "accounts_account"
ROW = 'SELECT "a"."id", "a"."balance" FROM "a" WHERE "a"."id" = %s LIMIT 21'


def on_accounts(sql: str) -> str:
    """ "a" is short for the accounts, and a "token" for the last transfer."""
    return sql.replace('"a"', f'"{TABLE}"').replace('"token"', '"last_transfer"')


def execute(tracker: Tracker, sql: str, params: tuple[int, ...] | None, *, is_committed: bool) -> None:
    """Tell the tracker that this was executed, and what its text says."""
    tracker.after_statement(sql, access(sql, params), is_committed=is_committed)


def back_to_savepoint(tracker: Tracker) -> None:
    execute(tracker, 'ROLLBACK TO SAVEPOINT "s1_x1"', None, is_committed=False)


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
        ('SELECT "a"."id" FROM "a" WHERE ("a"."id" = %s or "a"."balance" > %s)', (7, 1), {ANY}, False, False),
        ('SELECT "a"."id" FROM "a" WHERE NOT ("a"."id" = %s)', (7,), {ANY}, False, False),
        ("SELECT id FROM Accounts_Account\n WHERE ID = %s for no key update nowait", (7,), {7}, True, False),
        ("SELECT id FROM accounts_account WHERE id = %s + 1", (7,), {ANY}, False, False),
        ("SELECT id FROM accounts_account WHERE -id = %s", (7,), {ANY}, False, False),
        ("SELECT id FROM accounts_account WHERE id = %s AND number = 1 = TRUE", (7,), {ANY}, False, False),
        ("SELECT id FROM accounts_account WHERE id = 7", None, {ANY}, False, False),
        (ROW, ("7",), {ANY}, False, False),
        (ROW, (7.0,), {ANY}, False, False),
        (ROW, (True,), {ANY}, False, False),
        ('UPDATE "a" SET "balance" = %s, "token" = %s WHERE "a"."id" = %s', (70, 1, 7), {7}, True, True),
        ('UPDATE "a" SET "balance" = %s WHERE ("a"."id" = %s AND "a"."token" = %s)', (70, 7, 1), {7}, True, True),
        ('UPDATE "a" SET "balance" = ("a"."balance" + %s) WHERE "a"."id" = %s', (70, 7), {7}, True, True),
        ('UPDATE "a" SET "balance" = 0', None, {ANY}, True, True),
    ],
)
def test_rows_are_named_by_primary_key_where_the_statement_names_them(sql, params, rows, locks, writes):
    assert access(on_accounts(sql), params)[:3] == ({(TABLE, row) for row in rows}, locks, writes)


@pytest.mark.parametrize(
    ("params", "lock"), [((7,), (7,)), (("7",), ANY), ((1, 2), (1, 2)), ((1, "2"), ANY), ((7.0,), ANY)]
)
def test_an_advisory_lock_is_named_by_all_its_numbers(params, lock):
    places = ", ".join("%s" for _ in params)

    assert access(f"SELECT pg_advisory_xact_lock({places})", params).rows == {("advisory lock", lock)}


@pytest.mark.parametrize("key", ["hashtext(%s)", "hashtextextended(%s, 0)", "hashtextextended(%s, %s)"])
def test_advisory_lock_of_a_name_is_any_of_them(key):
    assert access(f"SELECT pg_advisory_xact_lock({key})", ("stock", 0)).rows == {("advisory lock", ANY)}


def test_many_rows_from_a_document_are_any_rows_of_their_table():
    sql = (
        "UPDATE accounts_account SET balance = new.balance FROM json_to_recordset(%s::json) AS new (id bigint, "
        "balance bigint) WHERE accounts_account.id = new.id"
    )

    assert access(sql, ("[]",))[:3] == ({(TABLE, ANY)}, True, True)


def test_an_update_from_other_rows_reads_them_too():
    accessed = access(APPLY_REPLACING, ("worker", None, 7))

    assert accessed is not None
    assert accessed.rows == {("accounts_transfer", 7)}
    assert accessed.also_reads == {(TABLE, ANY)}


def test_who_writes_a_number_that_must_be_unique_may_meet_any_row():
    accessed = access(on_accounts('UPDATE "a" SET "number" = %s WHERE "a"."id" = %s'), (1, 7))

    assert accessed.rows == {(TABLE, 7)}
    assert (TABLE, ANY) in accessed.also_locks


@pytest.mark.parametrize(
    ("constraint", "constrained"),
    [
        (UniqueConstraint(fields=["name"], name="one"), {"name"}),
        (UniqueConstraint(fields=["name"], condition=Q(size=1), name="one_of_this_size"), {"name", "size"}),
        (UniqueConstraint(Lower("name"), name="one_in_any_letters"), {"name", "size"}),
        (CheckConstraint(condition=Q(size__gt=0), name="some"), set()),
    ],
    ids=lambda value: value.name if hasattr(value, "name") else "",
)
@isolate_apps("accounts")
def test_column_that_a_unique_constraint_may_look_at_is_constrained(constraint, constrained):
    class Box(Model):  # noqa: DJ008
        name = CharField(max_length=10)
        size = IntegerField()

        class Meta:
            app_label = "accounts"
            constraints = (constraint,)

    assert table_of(Box).constrained == constrained


def test_tables_are_those_of_the_apps_that_are_installed(settings):
    sql = 'SELECT "samples_song"."place" FROM "samples_song" WHERE "samples_song"."id" = %s'
    assert access(sql, (7,)).rows == {("samples_song", 7)}

    settings.INSTALLED_APPS = [app for app in settings.INSTALLED_APPS if "samples" not in app]
    assert access(sql, (7,)) is None


UNKNOWN = [
    'SELECT "a"."id" FROM "a" INNER JOIN "b" ON ("a"."b_id" = "b"."id")',
    'SELECT "a"."id" FROM "a" WHERE "a"."id" IN (SELECT "b"."a_id" FROM "b")',
    'INSERT INTO "a" ("balance") VALUES (%s)',
    'DELETE FROM "a" WHERE "a"."id" = %s',
    "SELECT pg_advisory_lock(1)",
    "SELECT pg_advisory_xact_lock(hashtext(name)) FROM accounts_bank",
    "SELECT pg_advisory_xact_lock(my_own_hash(%s))",
    "SELECT pg_advisory_xact_lock(1)",
    "SELECT pg_advisory_xact_lock_shared(%s)",
    "LOCK TABLE accounts_account",
    "WITH x AS (UPDATE accounts_account SET balance = 0) SELECT 1",
    "SELECT id, (select balance from accounts_account where id = %s) FROM accounts_account WHERE id = %s",
    "SELECT id FROM a_view WHERE id = %s",
    "SELECT id FROM public.accounts_account WHERE id = %s",
    "SELECT id FROM accounts_account, accounts_bank WHERE id = %s",
    "SELECT id FROM accounts_account AS other WHERE id = %s",
    "SELECT id INTO TEMP t FROM accounts_account WHERE id = %s",
    "SELECT id FROM accounts_account WHERE id = %s; SELECT 1",
    "SELECT id FROM accounts_account WHERE id = %s -- id",
    "SELECT id FROM accounts_account WHERE /* id = %s AND */ id = %s",
    "SELECT id FROM accounts_account WHERE id = %s UNION TABLE accounts_account",
    "SELECT id FROM accounts_account WHERE id = %s::text::bigint",
    "SELECT id FROM accounts_account WHERE id = %s1",
    "SELECT id FROM accounts_account WHERE id = %(id)s",
    "SELECT id FROM accounts_account WHERE id = ANY(%s)",
    "SELECT id FROM accounts_account WHERE id = 1 | %s",
    "SELECT id FROM accounts_account TABLESAMPLE system (1)",
    "SELECT xmax FROM accounts_account WHERE id = %s",
    "SELECT accounts_account FROM accounts_account WHERE id = %s",
    "SELECT setval('s', 1) FROM accounts_account WHERE id = %s",
    "SELECT id FROM accounts_account WHERE id = %s AND worker = E'\\''",
    "SELECT id FROM accounts_account WHERE id = %s AND 'it''s' = 'it'",
    'SELECT id FROM U&"accounts\\005faccount" WHERE id = %s',
    'SELECT id FROM "Accounts_Account" WHERE id = %s',
    'SELECT "id""x" FROM accounts_account WHERE id = %s',
    "UPDATE accounts_account SET id = %s WHERE id = %s",
    "UPDATE accounts_account SET (id, balance) = (1, 2) WHERE id = %s",
    "UPDATE accounts_account SET balance = %s, (id, number) = (1, 2) WHERE id = %s",
    "UPDATE accounts_account SET balance = 1 WHERE id = %s RETURNING balance",
    'UPDATE accounts_account SET balance = o.balance FROM accounts_account AS o WHERE "accounts_account"."id" = %s',
    "TABLE accounts_account",
    "VALUES (%s)",
    "DO $$ BEGIN END $$",
    "DECLARE c CURSOR FOR SELECT 1",
    "DECLARE c CURSOR FOR SELECT id FROM accounts_account WHERE id = %s FOR UPDATE",
    "DECLARE c CURSOR WITH HOLD FOR SELECT id FROM accounts_account WHERE id = %s",
    "DECLARE c CURSOR FOR SELECT id FROM a_view",
    "COPY accounts_account TO STDOUT",
    "NOTIFY x",
    "PREPARE TRANSACTION 'x'",
    "ROLLBACK TO SAVEPOINT x",
    "",
]


@pytest.mark.parametrize("sql", UNKNOWN)
def test_what_is_not_understood_is_not_guessed(sql):
    assert access(on_accounts(sql), (1,)) is None

    tracker = Tracker("t")
    execute(tracker, sql, (1,), is_committed=False)
    tracker.next_step()
    assert tracker.footprint.everything  # and so is all that follows


def test_a_write_touches_a_plain_read_only_when_it_is_committed():
    reader, writer = Tracker("a"), Tracker("t")
    reader.next_step()
    execute(reader, on_accounts(ROW), (7,), is_committed=True)
    writer.next_step()
    execute(writer, on_accounts('UPDATE "a" SET "balance" = %s WHERE "a"."id" = %s'), (1, 7), is_committed=False)
    update = writer.footprint
    writer.next_step()
    writer.transaction_ended(publish=True)

    assert not reader.footprint.touches(update)
    assert reader.footprint.touches(writer.footprint)


def test_what_would_lock_rows_and_has_found_none_has_only_read():
    """Also an UPDATE. Not where rows that are locked are left out: another transaction's locks decide what is found."""
    lock, update, free = (
        access(on_accounts(sql), (7,))
        for sql in (
            'SELECT "a"."id" FROM "a" WHERE "a"."token" = %s FOR UPDATE',
            'UPDATE "a" SET "balance" = 1 WHERE "a"."token" = %s',
            'SELECT "a"."id" FROM "a" WHERE "a"."token" = %s FOR UPDATE SKIP LOCKED',
        )
    )

    for accessed in (lock, update):
        assert accessed.locks
        found_nothing = accessed.finding_nothing()
        assert (found_nothing.rows, found_nothing.locks, found_nothing.writes) == (accessed.rows, False, False)
    assert free.finding_nothing() == free
    assert free.locks


def test_a_snapshot_reads_everything_once():
    tracker = Tracker("a")
    tracker.next_step()
    tracker.neutral_statement("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", in_transaction=True)
    execute(tracker, on_accounts(ROW), (7,), is_committed=False)
    first = tracker.footprint
    tracker.next_step()
    execute(tracker, on_accounts(ROW), (8,), is_committed=False)

    assert first.reads == {ALL}
    assert tracker.footprint.reads == set()


def test_a_cursor_reads_its_rows_when_it_is_declared():
    tracker = Tracker("a")
    tracker.next_step()
    execute(tracker, "DECLARE c CURSOR FOR SELECT id FROM accounts_account", None, is_committed=False)
    declared = tracker.footprint
    tracker.next_step()
    execute(tracker, "FETCH 1 FROM c", None, is_committed=False)

    assert declared.reads == {(TABLE, ANY)}
    assert tracker.footprint == Footprint(sessions={"a"})


def test_a_cursor_that_was_not_understood_reads_anything_at_any_time():
    tracker = Tracker("a")
    tracker.next_step()
    execute(tracker, "DECLARE c CURSOR FOR SELECT id FROM a_view", None, is_committed=False)
    tracker.next_step()
    execute(tracker, "FETCH 1 FROM c", None, is_committed=False)

    assert tracker.footprint.everything


def test_steps_of_one_session_keep_their_order():
    assert Footprint(sessions={"t"}).touches(Footprint(sessions={"t", "a"}))
    assert not Footprint(sessions={"t"}).touches(Footprint(sessions={"a"}))


@pytest.mark.parametrize(
    ("sql", "is_so"),
    [
        ("BEGIN", True),
        ('RELEASE SAVEPOINT "s1_x1"', True),
        ("SET LOCAL lock_timeout = '5s'", True),
        ("BEGIN ISOLATION LEVEL REPEATABLE READ", False),
        ("BEGIN; LOCK TABLE accounts_account", False),
        ("SET  CONSTRAINTS ALL IMMEDIATE", False),
        ("SET /**/ CONSTRAINTS ALL IMMEDIATE", False),
        ("SET search_path = x; SELECT 1", False),
    ],
)
def test_what_touches_nothing_by_itself(sql, is_so):
    assert is_neutral(sql) == is_so


@pytest.mark.parametrize(
    ("sql", "is_so"),
    [
        ('SELECT "a"."id" FROM "a" INNER JOIN "a" ON ("a"."bank_id" = "a"."id")', True),
        ('ROLLBACK TO SAVEPOINT "s1_x1"', True),
        ('INSERT INTO "a" ("bank_id", "number") VALUES (%s, %s) RETURNING "a"."id"', True),
        ('INSERT INTO "a" ("bank_id") VALUES (set_config(%s, %s, false)) RETURNING "a"."id"', False),
        ("SELECT set_config('x', 'y', false)", False),
        ('SELECT "set_config"(%s, %s, false)', False),
        ("SELECT id INTO TEMP seen FROM accounts_account", False),
        ("CREATE TEMP TABLE seen (id int)", False),
        ("PREPARE x AS SELECT 1", False),
        ("LISTEN x", False),
        ("SELECT * FROM a_view", False),
    ],
)
def test_what_leaves_nothing_on_its_connection(sql, is_so):
    assert leaves_nothing(on_accounts(sql)) == is_so


@pytest.mark.parametrize("roll_back", [lambda tracker: tracker.transaction_ended(publish=False), back_to_savepoint])
def test_error_touches_everything_until_it_is_rolled_back(roll_back):
    tracker = Tracker("t")
    tracker.next_step()
    tracker.failed(is_understood=True)
    failed = tracker.footprint
    tracker.next_step()
    roll_back(tracker)
    rolled_back = tracker.footprint
    tracker.next_step()
    execute(tracker, on_accounts(ROW), (7,), is_committed=False)

    assert failed.everything
    assert rolled_back.everything
    assert tracker.footprint == Footprint(reads={(TABLE, 7)}, sessions={"t"})


def test_error_of_a_statement_that_is_not_understood_touches_everything_for_ever():
    """It may have taken a lock that outlives its transaction."""
    tracker = Tracker("t")
    tracker.next_step()
    tracker.failed(is_understood=False)
    tracker.transaction_ended(publish=False)
    tracker.next_step()

    assert tracker.footprint.everything


def test_locks_that_were_held_before_a_savepoint_are_released_at_the_end():
    tracker = Tracker("t")
    tracker.next_step()
    execute(tracker, f"{on_accounts(ROW)} FOR UPDATE", (7,), is_committed=False)
    tracker.failed(is_understood=True)
    back_to_savepoint(tracker)
    tracker.next_step()
    tracker.transaction_ended(publish=True)

    assert tracker.footprint.releases == {(TABLE, 7)}


@pytest.mark.parametrize("level", ["READ COMMITTED", "READ UNCOMMITTED"])
def test_level_that_every_transaction_has_changes_nothing(level):
    tracker = Tracker("t")
    tracker.next_step()
    tracker.neutral_statement(f"SET TRANSACTION ISOLATION LEVEL {level}", in_transaction=True)
    tracker.neutral_statement("SET TRANSACTION ISOLATION LEVEL READ COMMITTED", in_transaction=False)
    assert not tracker.touches_everything

    tracker.neutral_statement(f"SET TRANSACTION ISOLATION LEVEL {level}; SET role = x", in_transaction=True)
    assert tracker.touches_everything
