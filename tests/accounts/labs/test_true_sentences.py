"""What a check says is what was seen: no default that tells a story."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from accounts.labs.another_auditor import AnotherAuditor
from accounts.labs.catalogue import find_lab
from accounts.labs.checks import NO_RACE, holds
from accounts.labs.exercises.lab04_torn_total.checks import between_two_statements
from accounts.labs.grading import check
from accounts.labs.problems import HALF_DONE, WRONG_END
from accounts.labs.repeated_audits import IN_VAIN
from accounts.labs.submission import Submission
from interleavings.engine.step import COMMIT, Step

TRANSFER = """
from django.db import connection, transaction
from django.db.models import F

from accounts.ledger import post, read
from accounts.models import Account, Transfer
"""
KEEPS_AN_ADVISORY_LOCK = """
def transfer(order):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(7)")
    with transaction.atomic():
        rows = {row.pk: row for row in order.accounts.select_for_update().order_by("pk")}
        post(order, rows[order.source_id], rows[order.target_id])
"""
DEBITS_ONLY = """
def transfer(order):
    with transaction.atomic():
        Account.objects.filter(pk=order.source_id).update(balance=F("balance") - order.amount)
        order.end(Transfer.Status.APPLIED)
"""
CLOSES_ITS_CONNECTION = """
def audit(bank):
    readings = [read(account) for account in bank.accounts.order_by("pk")]
    connection.close()
    return readings
"""
GOES_ON_UNTIL_IT_FITS = """
def audit(bank):
    while True:
        readings = [read(account) for account in bank.accounts.order_by("pk")]
        if sum(reading.balance for reading in readings) == bank.opening_total:
            return readings
"""


@pytest.fixture
def message(tmp_path):
    """message(4, code): what the first check says that fails."""

    def message(lab: int, code: str) -> str:
        file = tmp_path / "my_fix.py"
        file.write_text(TRANSFER + code)
        verdict = check(find_lab(lab), file, student="anna", with_storm=False, until_refuted=True)
        return verdict.checks[-1].outcome.message

    return message


@pytest.mark.django_db(transaction=True)
def test_lock_that_is_never_let_go_is_no_python_lock(message):
    text = message(10, KEEPS_AN_ADVISORY_LOCK)

    assert "t2 waits for ever in SELECT pg_advisory_lock(7): t1 has ended and never let go of it." in text
    assert "Python lock" not in text


@pytest.mark.django_db(transaction=True)
def test_lock_that_an_audit_never_lets_go_is_found_though_no_other_session_asks_for_it_meanwhile():
    """By one case of those that every lab has for audits; all of them take as long as fifty other tests."""
    file = Path(__file__).parent / "wrong_audits" / "keeps_an_advisory_lock.py"
    one = holds("alone", 1, case=AnotherAuditor(transfer_with="row_lock"), claim="No session waits for ever.")

    text = one.examine(Submission(file, find_lab(4).variant("anna"))).message

    assert text.startswith(f"{NO_RACE} In 6 of 6 schedules sessions wait for ever. ")
    assert "a2 waits for ever in SELECT pg_advisory_lock(%s): a1 has ended and never let go of it." in text


@pytest.mark.django_db(transaction=True)
def test_run_without_a_death_has_none(message):
    text = message(6, DEBITS_ONLY)

    assert "Its process did not die, and the bank's total is off by -" in text


@pytest.mark.django_db(transaction=True)
def test_money_is_stolen_only_where_it_was(message):
    assert "it opened a database connection of its own" in message(4, CLOSES_ITS_CONNECTION)
    assert IN_VAIN not in message(4, CLOSES_ITS_CONNECTION)
    assert message(4, GOES_ON_UNTIL_IT_FITS).endswith(IN_VAIN)


def end(balances: dict[int, int], expected: dict[int, int]) -> str:
    run = SimpleNamespace(observation=SimpleNamespace(balances=balances, expected=expected))
    return WRONG_END.detail(run, SimpleNamespace(expected={}))


def test_no_account_should_hold_less_than_nothing():
    assert end({1: 0, 2: 5}, {1: -4891, 2: 6}) == (
        "Account 1 ends with 0: the transfers that are applied took 4,891 more from it than there was. "
        "Account 2 ends with 5, and should hold 6."
    )


def test_process_that_died():
    died, lived = (SimpleNamespace(observation=SimpleNamespace(drift=-30)) for _ in range(2))
    schedules = SimpleNamespace(runs=[died, lived])

    assert HALF_DONE.detail(died, schedules).startswith("After these steps its process died, and")
    assert HALF_DONE.detail(lived, schedules).startswith("Its process did not die, and")


@pytest.mark.parametrize(("statements", "is_said"), [(1, False), (2, True)])
def test_between_two_statements_of_one_statement_is_not_said(statements, is_said):
    steps = [Step("a", "SELECT 1") for _ in range(statements)] + [Step("a", COMMIT), Step("t", "SELECT 1")]

    assert bool(between_two_statements(SimpleNamespace(steps=steps))) == is_said
