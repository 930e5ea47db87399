"""The bank at one moment of a schedule, as a page shows it."""

import pytest

from accounts.explorer.replay import replay
from accounts.reporting.state_picture import Picture, picture, sessions_ended, waits_after
from tests.support.explorations import plan

pytestmark = pytest.mark.django_db(transaction=True)

TORN = "a t t t t a a"
BLOCKED = "t (a) t t t a"


def at(step: int, schedule: str, transfer_with: str = "row_lock", audit_with: str = "no_lock", **options) -> Picture:
    chosen = plan(transfer_with, audit_with, **options)
    steps = replay(chosen, schedule).report().steps
    return picture(chosen, steps[:step], ended=sessions_ended(chosen, steps, step))


def test_balances_are_those_that_others_see():
    found = [[(box.balance, box.is_new) for box in at(step, TORN).accounts] for step in (4, 5, 6)]

    assert found == [
        [(5000, False), (10000, False)],
        [(4970, True), (10030, True)],
        [(4970, False), (10030, False)],
    ]


def test_account_shows_what_is_written_and_not_committed_and_who_has_locked_it():
    first, second = at(3, TORN).accounts

    assert (first.written, first.locked_by) == ([("t", "4,970")], ["t"])
    assert (second.written, second.locked_by) == ([], ["t"])
    assert [(box.written, box.locked_by) for box in at(5, TORN).accounts] == [([], []), ([], [])]


def test_audit_shows_its_sum_so_far_and_how_much_the_whole_is_off_by():
    half, whole = (at(step, TORN).sessions[1] for step in (2, 6))

    assert (half.name, half.sum, half.is_whole, half.off_by) == ("a", 5000, False, "")
    assert (whole.sum, whole.is_whole, whole.off_by) == (15030, True, "+30")
    assert at(0, TORN).sessions[1].sum is None
    assert at(6, "t t t t a a a").sessions[1].off_by == ""


def test_transfer_has_no_sum():
    assert at(2, TORN).sessions[0].sum is None
    assert at(2, TORN).sessions[0].read == {1: 5000, 2: 10000}


def test_session_waits_until_a_step_lets_it_go_on():
    chosen = plan("row_lock", "row_lock")
    steps = replay(chosen, BLOCKED).report().steps

    assert [waits_after(steps[:step]) for step in (1, 2, 4, 5)] == [{}, {"a": ("t",)}, {"a": ("t",)}, {}]
    assert at(2, BLOCKED, audit_with="row_lock").sessions[1].waits_for == ("t",)


def test_what_is_not_known_is_said():
    waiting = at(2, BLOCKED, audit_with="row_lock").sessions[1]
    unclear = at(3, "t t t t a a a", "batch").sessions[0]

    assert waiting.unknown == "Which of the rows that it asks for it holds already is not known."
    assert unclear.unknown == "What else it has locked or written is not known."
    assert at(5, BLOCKED, audit_with="row_lock").sessions[1].unknown == ""


def test_python_lock_is_that_of_a_process_where_each_session_has_one():
    assert at(2, "t a", "python_lock", "python_lock").locks == [("LOCK", "t")]
    assert at(2, "t a", "python_lock", "python_lock", processes="separate").locks == [
        ("LOCK (of process 1)", "t"),
        ("LOCK (of process 2)", "a"),
    ]


def test_session_has_ended_when_it_has_no_later_step():
    assert [session.has_ended for session in at(5, TORN).sessions] == [True, False]
    assert [session.has_ended for session in at(7, TORN).sessions] == [True, True]


def test_of_many_accounts_no_picture_is_drawn():
    assert at(0, "", accounts=13) == Picture()
