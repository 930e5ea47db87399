import pytest
from django.db import connection

from accounts.models import Account, Bank
from interleavings import CannotExplore, explore
from interleavings.database import own_connection
from interleavings.database.sequences import FIRST_KEY
from interleavings.database.snapshot import Snapshot
from tests.support.samples.models import Choice

pytestmark = pytest.mark.django_db(transaction=True)


def rows():
    return list(Account.objects.order_by("pk").values()), list(Bank.objects.order_by("pk").values())


def test_success_everything_is_set_back(open_bank):
    bank = open_bank(100, 200, 300)
    before = rows()

    with Snapshot() as snapshot:
        Account.objects.filter(number=1).update(balance=5)
        Account.objects.filter(number=3).delete()
        new = Bank.objects.create(name="other", opening_total=3)
        Account.objects.create(bank=new, number=1, opening_balance=3, balance=3)
        assert [t.name for t in snapshot.changed()] == ["accounts_bank", "accounts_account"]
        assert len(snapshot.read(snapshot.changed())["accounts_account"]) == 3
        snapshot.set_back()
        assert snapshot.changed() == []
        assert rows() == before
    assert rows() == before
    assert Bank.objects.create(name="next", opening_total=1).pk == bank.pk + 1


def execute(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else []


TRIGGER_AND_CHILDREN = """
CREATE TABLE written (what text);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN INSERT INTO written VALUES (TG_OP); RETURN NULL; END';
CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON samples_choice FOR EACH ROW EXECUTE FUNCTION note();
CREATE TABLE child (id int PRIMARY KEY, choice bigint REFERENCES samples_choice ON DELETE CASCADE);
CREATE TABLE orphan (id int PRIMARY KEY, choice bigint REFERENCES samples_choice ON DELETE SET NULL);
CREATE TABLE grandchild (child int REFERENCES child ON DELETE CASCADE);
"""


@pytest.mark.parametrize("may_skip_triggers", [True, False])
def test_success_triggers_and_foreign_keys_that_act_change_nothing_while_it_is_set_back(monkeypatch, may_skip_triggers):
    """Also for a user who may not switch them all off at once: one that is no superuser."""
    if not may_skip_triggers:
        monkeypatch.setattr(own_connection, "may_set", lambda *_arguments: frozenset())
    pk = Choice.objects.create(text="yes").pk
    tables = {"written": "what", "child": "choice", "orphan": "choice", "grandchild": "child"}
    execute(TRIGGER_AND_CHILDREN)
    try:
        execute(f"INSERT INTO child VALUES (1, {pk}); INSERT INTO orphan VALUES (1, {pk})")
        execute("INSERT INTO grandchild VALUES (1); DELETE FROM written")

        def vote():
            votes = Choice.objects.get(pk=pk).votes
            Choice.objects.filter(pk=pk).update(votes=votes + 1)

        for other in (vote, lambda: execute(f"DELETE FROM samples_choice WHERE id = {pk}")):
            report = explore(vote, other)
            assert report.anomaly_count == (4 if other is vote else 1)
            after = {table: execute(f"SELECT {column} FROM {table}") for table, column in tables.items()}
            assert after == {"written": [], "child": [(pk,)], "orphan": [(pk,)], "grandchild": [(1,)]}
        Choice.objects.filter(pk=pk).update(votes=1)
        assert execute("SELECT what FROM written") == [("UPDATE",)]  # the trigger is there again
    finally:
        execute("DROP TABLE written, child, orphan, grandchild; DROP FUNCTION note CASCADE")


def test_error_sequence_that_a_killed_exploration_has_left():
    execute(f"SELECT setval('samples_choice_id_seq', {FIRST_KEY + 7})")
    try:
        with pytest.raises(CannotExplore, match="samples_choice_id_seq stands where an exploration that was killed"):
            Snapshot().__enter__()
    finally:
        execute("SELECT setval('samples_choice_id_seq', 1)")


def vote(votes):
    return lambda: Choice.objects.update(votes=votes)


def test_success_invariant_that_closes_its_connection():
    """What stood in the tables is kept on another one."""
    Choice.objects.create(text="yes")

    explore(vote(1), vote(2), invariant=lambda: connection.close())

    assert [choice.votes for choice in Choice.objects.all()] == [0]


def test_error_connection_that_was_closed_meanwhile():
    """The sequences, at least, are as they were."""
    next_pk = Choice.objects.create(text="yes").pk + 1

    def close():
        execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND query LIKE 'EXECUTE interleavings_%'"
        )

    with pytest.raises(CannotExplore, match="explore.. keeps what stood in the tables was closed meanwhile"):
        explore(vote(1), vote(2), invariant=close)

    assert Choice.objects.create(text="no").pk == next_pk


def test_error_what_stands_there_cannot_be_kept(monkeypatch):
    """Then no connection stays open: pytest keeps the error, and drops the database at the end."""
    opened = []
    connect = own_connection._connect
    monkeypatch.setattr(own_connection, "_connect", lambda: opened.append(connect()) or opened[0])
    monkeypatch.setattr(own_connection, "SETTINGS", "SET no_such_setting = 1")

    with pytest.raises(CannotExplore, match="cannot be kept or set back: unrecognized configuration parameter"):
        Snapshot().__enter__()

    assert [raw.closed for raw in opened] == [True]


def test_success_rows_stand_in_the_order_in_which_they_stood():
    """Without ORDER BY, they are read in it."""
    Choice.objects.bulk_create(Choice(text=str(number)) for number in range(5))
    before = execute("SELECT text FROM samples_choice")

    with Snapshot() as snapshot:
        for number in range(60):
            changed = Choice.objects.filter(text=str(number % 5))
            changed.delete() if number % 3 else changed.update(votes=1)
            snapshot.set_back()
            assert execute("SELECT text FROM samples_choice") == before
