"""When the database is asked whether a session waits: soon where another session has locked what it wants."""

from collections.abc import Callable

import pytest
from django.db import connection, transaction

from accounts.models import Account
from interleavings.engine.expected_wait import EXPECTED_S, NOT_EXPECTED_S, UNKNOWN_S, look_after_s

Work = Callable[[], object]


def locks(pk: int) -> Work:
    def work() -> None:
        with transaction.atomic():
            Account.objects.select_for_update().get(pk=pk)

    return work


def reads(pk: int) -> Work:
    return lambda: Account.objects.get(pk=pk)


def calls_a_function(pk: int) -> Work:
    def work() -> None:
        with connection.cursor() as cursor:
            cursor.execute('SELECT pg_sleep(0) FROM "accounts_account" WHERE id = %s', [pk])

    return work


@pytest.mark.parametrize(
    ("other", "number", "expected_s"),
    [
        (locks, 1, EXPECTED_S),
        (locks, 2, NOT_EXPECTED_S),
        (reads, 1, NOT_EXPECTED_S),
        (calls_a_function, 1, UNKNOWN_S),
    ],
)
def test_database_is_asked_soon_only_where_another_session_has_the_lock(
    scheduler, open_bank, other, number, expected_s
):
    bank = open_bank(100, 100)
    pks = {account.number: account.pk for account in bank.accounts.all()}
    scheduler.begin({"t": locks(pks[1]), "a": other(pks[number])})
    scheduler.step("t")

    assert look_after_s(scheduler.sessions["a"], scheduler.sessions.values()) == expected_s


def test_session_that_holds_no_lock_is_not_to_look_for_deadlocks_early(scheduler, open_bank):
    bank = open_bank(100, 100)
    pk = bank.accounts.get(number=1).pk
    scheduler.begin({"t": locks(pk), "a": locks(pk)})

    assert scheduler.step("t")
    assert not scheduler.step("a")
    assert not any(scheduler.sessions["a"].manner)
