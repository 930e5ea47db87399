"""What the labs' texts say about PostgreSQL and Django, where no check and no question holds it."""

import pytest
from django.db import connection

from accounts.explorer.scratch_bank import ScratchBank
from accounts.labs import new_accounts
from accounts.labs.catalogue import find_lab
from accounts.labs.exercises.lab09_lock_impostors.checks import way
from accounts.labs.exercises.lab10_deadly_embrace.checks import CROSSING, DOWNWARDS, UPWARDS
from accounts.labs.exercises.lab11_for_update_still_tears import exercise as lab11
from accounts.labs.grading import observe
from accounts.labs.problems import LOST_UPDATE, UNTRUE
from accounts.labs.submission import Submission
from accounts.models import Bank
from accounts.models.opening import Order

pytestmark = pytest.mark.django_db(transaction=True)


def test_exists_locks_one_row_and_count_sends_no_for_update():
    assert way("exists").statements("lock")[0].endswith("LIMIT 1 FOR UPDATE")
    assert not any("FOR UPDATE" in sql for name in ("count", "aggregate") for sql in way(name).statements("lock"))


def test_a_bank_that_deadlocks_loses_no_update_and_its_audits_are_whole():
    lab = find_lab(10)
    exercise = Submission(lab.exercise, lab.variant("anna"))

    assert not exercise.explore(CROSSING).has(LOST_UPDATE)
    assert not any(exercise.explore(case).has(problem) for case in (UPWARDS, DOWNWARDS) for problem in UNTRUE)


def test_a_deadlock_is_noticed_after_a_second():
    with connection.cursor() as cursor:
        cursor.execute("SELECT boot_val || unit FROM pg_settings WHERE name = 'deadlock_timeout'")

        assert cursor.fetchone() == ("1000ms",)


@pytest.mark.parametrize(
    ("number", "first"),
    [(10, "sessions deadlock"), (11, "an audit is torn"), (12, "more than one transfer is applied")],
)
def test_run_shows_what_the_lab_is_about(number, first):
    lab = find_lab(number)

    seen = observe(lab, lab.exercise, student="anna")

    assert next(iter(seen.case.counts)) == first
    assert seen.detail


def test_account_that_is_opened_is_not_in_a_list_of_accounts_that_was_read_before():
    with ScratchBank(3, [Order(1, 2, 30)]) as scratch:
        bank = Bank.objects.get(pk=scratch.bank().pk)
        before = list(bank.account_pks)

        new_accounts.open_account(lab11, scratch)

        opened = bank.accounts.get(number=4)
        assert bank.account_pks == scratch.bank().account_pks == before
        assert Bank.objects.get(pk=bank.pk).account_pks == [*before, opened.pk]


def test_reset_closes_an_account_that_was_opened_and_calls_it_by_its_number():
    with ScratchBank(3, [Order(1, 2, 30)]) as scratch:
        new_accounts.open_account(lab11, scratch)
        opened = scratch.bank().accounts.get(number=4)

        assert scratch.read().balances == {1: 4970, 2: 10000, 3: 7500, 4: 30}
        assert (scratch.number(opened.pk), scratch.token(opened.last_transfer)) == (4, 2)

        scratch.reset()

        assert scratch.read().balances == {1: 5000, 2: 10000, 3: 7500}
