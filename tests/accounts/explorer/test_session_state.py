"""What sessions have in hand after each step: told from their statements, and never guessed."""

import pytest

from accounts.explorer.replay import replay
from accounts.explorer.session_state import SessionState
from tests.support.explorations import CROSSING, plan

pytestmark = pytest.mark.django_db(transaction=True)


def states(schedule: str, transfer_with: str, audit_with: str = "no_lock", **options) -> dict[str, SessionState]:
    """The last state of each session."""
    steps = replay(plan(transfer_with, audit_with, **options), schedule).report().steps
    return {name: state for step in steps for name, state in step.sessions.items()}


def test_what_was_read_and_written_is_in_hand_until_the_commit():
    before = states("t t t t", "no_lock")["t"]
    after = states("t t t t t", "no_lock")["t"]

    assert before == SessionState(read={1: 5000, 2: 10000}, written={1: "4,970", 2: "10,030"}, rows=(1, 2))
    assert after == SessionState(read={1: 5000, 2: 10000})


def test_row_lock_is_held_by_the_session_that_has_asked_for_it():
    assert states("t", "row_lock")["t"].rows == (1, 2)
    assert states("t1 t2", "unordered_row_lock", **CROSSING)["t2"].rows == (2,)


def test_of_a_statement_that_waits_it_is_not_known_which_of_several_rows_it_holds():
    found = states("t a", "row_lock", "row_lock")["a"]

    assert (found.rows, found.is_partly_locked) == ((), True)
    let_go = states("t a t t t", "row_lock", "row_lock")["a"]
    assert (let_go.rows, let_go.read, let_go.is_partly_locked) == ((1, 2), {1: 4970, 2: 10030}, False)


def test_of_a_statement_that_waits_for_one_row_it_is_known_that_it_does_not_hold_it():
    found = states("t1 t2 t1", "unordered_row_lock", **CROSSING)["t1"]

    assert (found.rows, found.is_partly_locked, found.is_known) == ((1,), False, True)


def test_deadlock_lets_go_of_all_that_its_victim_held():
    found = states("t1 t2 t1 t2", "unordered_row_lock", **CROSSING)

    assert sorted(state.rows for state in found.values()) == [(), (1, 2)]
    assert all(state.is_known for state in found.values())


def test_python_lock_goes_over_to_the_session_that_waits():
    assert states("t a", "python_lock", "python_lock")["a"].python_locks == ()
    after = states("t a t t t t t", "python_lock", "python_lock")
    assert (after["t"].python_locks, after["a"].python_locks) == ((), ("LOCK",))


def test_advisory_lock_is_named():
    (lock,) = states("t", "advisory_lock")["t"].locks

    assert lock.startswith("advisory lock ")


def test_change_that_the_database_computes_is_shown_as_it_is_written():
    assert states("t", "conditional_update")["t"].written == {1: "balance + -30"}


def test_what_a_statement_does_not_show_is_said_to_be_unknown():
    assert not states("t t t", "batch")["t"].is_known
    assert states("t t t t", "batch")["t"].is_known, "it has ended with a COMMIT"


def test_rollback_forgets_what_was_read():
    refused = "t2 t2 t1 t1 t1 t1 t1 t2"
    options = {"transfers": "1>2:30,1>2:20", "audits": 0}

    assert states(refused, "serializable", **options)["t2"].read == {1: 5000, 2: 10000}
    assert states(f"{refused} t2", "serializable", **options)["t2"] == SessionState()


def test_sum_is_kept_where_the_database_adds_up():
    assert states("a", "no_lock", "single_sum")["a"].total == 15000


def test_values_that_have_been_json_are_the_same():
    state = SessionState({1: 5}, 7, {2: "3"}, (1,), ("advisory lock 4",), ("LOCK",), is_known=False)
    values = state.as_values()
    as_json = values | {"read": {"1": 5}, "written": {"2": "3"}}

    assert SessionState.from_values(as_json) == state
    assert SessionState().as_values() == {}
    assert SessionState.from_values({}) == SessionState()


WITH_SAVEPOINT = """
from django.db import transaction
from accounts.models import Account

def transfer(order):
    with transaction.atomic(durable=True):
        Account.objects.select_for_update().get(pk=order.source_id)
        try:
            with transaction.atomic():
                target = Account.objects.select_for_update().get(pk=order.target_id)
                {undone}
        except Exception:
            pass
        Account.objects.get(pk=order.target_id)
"""


@pytest.mark.parametrize("undone", ["raise LookupError", "Account.objects.filter(pk=target.pk).update(balance=-1)"])
def test_after_a_part_was_undone_it_is_not_known_what_is_locked(undone, tmp_path):
    (tmp_path / "mine.py").write_text(WITH_SAVEPOINT.format(undone=undone))
    mine, last = str(tmp_path / "mine.py"), 2 + undone.startswith("Account")

    found = [states(" ".join(["t"] * count), mine, audits=0)["t"] for count in (2, last + 1, last + 2, last + 3)]

    assert [(state.rows, state.is_known) for state in found] == [((1, 2), True), ((), False), ((), False), ((), True)]


SESSION_LOCK = """
from django.db import connection, transaction

def transfer(order):
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(1)")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(1)")
"""


def test_lock_that_outlives_its_transaction_stays_unknown(tmp_path):
    (tmp_path / "mine.py").write_text(SESSION_LOCK)

    assert not states("t t", str(tmp_path / "mine.py"), audits=0)["t"].is_known
