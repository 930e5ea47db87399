"""Every strategy in fixed interleavings: the weak ones are shown failing, the strong ones holding."""

import importlib.util
import sys
import threading
from contextlib import suppress
from functools import partial
from types import ModuleType

import pytest

from accounts import strategies
from accounts.models import AlreadyEnded, Transfer

pytestmark = pytest.mark.django_db(transaction=True)

TRANSFERS = strategies.names("transfer")
AUDITS = strategies.names("audit")


def total(readings) -> int:
    return sum(reading.balance for reading in readings)


def balances(bank) -> list[int]:
    return list(bank.accounts.order_by("number").values_list("balance", flat=True))


@pytest.mark.parametrize("name", TRANSFERS)
def test_transfer_moves_the_amount_and_signs_both_balances(name, open_bank, order, transfer_with):
    bank = open_bank(100, 100)
    first, second = order(bank, 1, 2, 30), order(bank, 2, 1, 5)

    transfer_with(name, first)
    transfer_with(name, second)

    assert balances(bank) == [75, 125]
    assert set(bank.accounts.values_list("last_transfer", flat=True)) == {second.pk}
    second.refresh_from_db()
    assert second.status == Transfer.Status.APPLIED
    assert (second.source_based_on, second.target_based_on) == (first.pk, first.pk)


@pytest.mark.parametrize("name", TRANSFERS)
def test_transfer_refuses_what_the_source_does_not_hold(name, open_bank, order, transfer_with):
    bank = open_bank(100, 100)
    too_much = order(bank, 1, 2, 101)

    transfer_with(name, too_much)

    too_much.refresh_from_db()
    assert too_much.status == Transfer.Status.REFUSED
    assert too_much.reason == "account 1 holds 100, and 101 was asked for."
    assert balances(bank) == [100, 100]


@pytest.mark.parametrize("name", [name for name in TRANSFERS if strategies.is_transactional(name)])
def test_transfer_is_applied_once_though_its_job_comes_twice(name, open_bank, order, transfer_with):
    bank = open_bank(100, 100)
    planned = order(bank, 1, 2, 30)
    delivered_again = Transfer.objects.get(pk=planned.pk)
    transfer_with(name, planned)

    with suppress(AlreadyEnded):
        transfer_with(name, delivered_again)

    assert balances(bank) == [70, 130]
    assert bank.transfers.count() == 1


def test_job_that_comes_twice_is_applied_twice_without_a_transaction(open_bank, order, transfer_with):
    bank = open_bank(100, 100)
    planned = order(bank, 1, 2, 30)
    delivered_again = Transfer.objects.get(pk=planned.pk)

    transfer_with("no_transaction", planned)
    transfer_with("no_transaction", delivered_again)

    assert balances(bank) == [40, 160]
    assert Transfer.objects.get(repeats=planned.pk).source_based_on == planned.pk


@pytest.mark.parametrize("name", AUDITS)
def test_audit_reads_every_account_with_its_token_or_is_only_the_sum(name, open_bank, order, transfer_with, audit_with):
    bank = open_bank(100, 200, 300)
    moved = order(bank, 1, 3, 10)
    transfer_with("row_lock", moved)

    read = audit_with(name, bank)

    if isinstance(read, int):
        assert read == 600
    else:
        found = [(reading.balance, reading.token) for reading in sorted(read)]
        assert found == [(90, moved.pk), (200, None), (310, moved.pk)]


def test_single_sum_keeps_no_readings(open_bank, audit_with):
    assert audit_with("single_sum", open_bank(100, 200, 300)) == 600


# Torn totals. A transfer 1 -> 2 of 30 and an audit; the audit reads one account before and the other after.


@pytest.mark.parametrize(
    ("audit", "schedule"),
    [("no_transaction", "a t t t t a"), ("no_lock", "a t t t t a a")],
)
def test_audit_without_a_lock_is_torn_by_a_row_locked_transfer(audit, schedule, open_bank, order, play):
    bank = open_bank(100, 100)
    moved = order(bank, 1, 2, 30)
    bank.account_pks  # noqa: B018 (so that it is no step of the audit)

    scheduler = play(
        schedule,
        t=partial(strategies.load("row_lock", "transfer").transfer, moved),
        a=partial(strategies.load(audit, "audit").audit, bank),
    )

    assert total(scheduler.sessions["a"].record.result) == 230
    assert balances(bank) == [70, 130]


def test_row_locked_audit_waits_for_the_transfer_and_is_right(open_bank, order, play):
    bank = open_bank(100, 100)
    moved = order(bank, 1, 2, 30)

    scheduler = play(
        "t t (a) t t a",
        t=partial(strategies.load("row_lock", "transfer").transfer, moved),
        a=partial(strategies.load("row_lock", "audit").audit, bank),
    )

    assert total(scheduler.sessions["a"].record.result) == 200
    assert {reading.token for reading in scheduler.sessions["a"].record.result} == {moved.pk}


def test_row_locked_transfer_waits_for_the_audit(open_bank, order, play):
    bank = open_bank(100, 100)

    scheduler = play(
        "a (t) a t t t",
        t=partial(strategies.load("row_lock", "transfer").transfer, order(bank, 1, 2, 30)),
        a=partial(strategies.load("row_lock", "audit").audit, bank),
    )

    assert total(scheduler.sessions["a"].record.result) == 200
    assert balances(bank) == [70, 130]


@pytest.mark.parametrize("schedule", ["a t t t t", "t a t t t", "t t a t t", "t t t a t", "t t t t a"])
def test_single_statement_is_right_wherever_it_comes(schedule, open_bank, order, play):
    bank = open_bank(100, 100)

    scheduler = play(
        schedule,
        t=partial(strategies.load("row_lock", "transfer").transfer, order(bank, 1, 2, 30)),
        a=partial(strategies.load("single_statement", "audit").audit, bank),
    )

    assert total(scheduler.sessions["a"].record.result) == 200


def test_not_even_one_statement_is_right_while_a_transfer_has_no_transaction(open_bank, order, play):
    bank = open_bank(100, 100)

    scheduler = play(
        "t t t a t",
        t=partial(strategies.load("no_transaction", "transfer").transfer, order(bank, 1, 2, 30)),
        a=partial(strategies.load("single_statement", "audit").audit, bank),
    )

    assert total(scheduler.sessions["a"].record.result) == 170
    assert balances(bank) == [70, 130]


# Lost updates. Two transfers between the same accounts; the second reads before the first has written.


def test_transaction_without_a_lock_loses_an_update(open_bank, order, play):
    bank = open_bank(100, 100, 100)
    transfer = strategies.load("no_lock", "transfer").transfer

    play(
        "t a t t t t a a a a",
        t=partial(transfer, order(bank, 1, 2, 30)),
        a=partial(transfer, order(bank, 1, 3, 5)),
    )

    assert balances(bank) == [95, 130, 105]  # the 30 that left account 1 are back: 330 in all


def test_row_locks_make_the_second_transfer_wait_and_lose_nothing(open_bank, order, play):
    bank = open_bank(100, 100, 100)
    transfer = strategies.load("row_lock", "transfer").transfer

    play(
        "t (a) t t t a a a",
        t=partial(transfer, order(bank, 1, 2, 30)),
        a=partial(transfer, order(bank, 1, 3, 5)),
    )

    assert balances(bank) == [65, 130, 105]


def test_crossing_row_locked_transfers_wait_and_do_not_deadlock(open_bank, order, play):
    bank = open_bank(100, 100)
    transfer = strategies.load("row_lock", "transfer").transfer

    scheduler = play(
        "t (a) t t t a a a",
        t=partial(transfer, order(bank, 1, 2, 30)),
        a=partial(transfer, order(bank, 2, 1, 5)),
    )

    assert scheduler.sessions["a"].record.error is None
    assert balances(bank) == [75, 125]


# The Python lock: right among the threads of one process, worthless in another one.


def test_python_lock_admits_one_thread_at_a_time():
    lock = strategies.load("python_lock", "transfer").LOCK
    admitted = []

    with lock:
        other = threading.Thread(target=lambda: admitted.append(lock.acquire(blocking=False)))
        other.start()
        other.join(10)

    assert admitted == [False]


def test_python_lock_is_another_lock_in_another_process(open_bank, order, play):
    """What a second worker process has: the same module, imported once more, and so another lock."""
    module = strategies.load("python_lock", "transfer")
    spec = importlib.util.find_spec(module.__name__)
    in_another_process = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(in_another_process)
    bank = open_bank(100, 100, 100)

    play(
        "t a t t t t a a a a",
        t=partial(module.transfer, order(bank, 1, 2, 30)),
        a=partial(in_another_process.transfer, order(bank, 1, 3, 5)),
    )

    assert balances(bank) == [95, 130, 105]


def test_nothing_of_a_transfer_stays_when_its_connection_dies(open_bank, order, play, scheduler):
    bank = open_bank(100, 100)
    moved = order(bank, 1, 2, 30)
    play("t t", t=partial(strategies.load("row_lock", "transfer").transfer, moved), a=lambda: None)

    scheduler.abandon()

    assert balances(bank) == [100, 100]
    moved.refresh_from_db()
    assert moved.status == Transfer.Status.PENDING


def test_half_a_transfer_stays_when_its_worker_dies_without_a_transaction(open_bank, order, play, scheduler):
    bank = open_bank(100, 100)
    moved = order(bank, 1, 2, 30)
    play("t t t", t=partial(strategies.load("no_transaction", "transfer").transfer, moved), a=lambda: None)

    scheduler.abandon()

    assert balances(bank) == [70, 100]


def test_names_are_all_there_while_another_thread_makes_a_copy_of_one(monkeypatch):
    """For as long as a copy is executed, sys.modules names it; it has no functions yet."""
    before = strategies.names("transfer")
    monkeypatch.setitem(sys.modules, "accounts.strategies.row_lock", ModuleType("half a copy"))

    assert strategies.names("transfer") == before
    assert strategies.load("row_lock", "transfer").transfer
