"""Repairs that a lab's hints promise, besides its solution: a checker that knows only one answer would be wrong."""

import pytest

from accounts.labs.catalogue import find_lab
from accounts.labs.grading import check
from tests.support.thorough import THOROUGH

pytestmark = pytest.mark.django_db(transaction=True)

HEAD = """
from django.db import OperationalError, connection, transaction

from accounts.isolation import set_isolation_level
from accounts.ledger import Reading, post, read
from accounts.models import Account, Bank, Transfer
"""
OPEN_ACCOUNT = """
from accounts.labs.exercises.lab11_for_update_still_tears.exercise import open_account
"""
WITH_OTHERS = """
from accounts.labs.exercises.lab07_lost_update.solution import with_lock, with_token
"""
WITHDRAW = """
from accounts.labs.exercises.lab12_write_skew.exercise import JOINT, LIMIT

def transfer(order):
    for attempts_left in reversed(range(10)):
        try:
            return withdraw(order)
        except OperationalError:
            if not attempts_left:
                raise

def withdraw(order):
    with transaction.atomic():
        set_isolation_level("{level}")
        accounts = Account.objects.filter(bank=order.bank_id){lock}.order_by("pk")
        rows = {{row.pk: row for row in accounts}}
        withdrawn = sum(row.opening_balance - row.balance for row in rows.values() if row.number in JOINT)
        if withdrawn + order.amount > LIMIT:
            order.end(Transfer.Status.REFUSED)
            return
        post(order, rows[order.source_id], rows[order.target_id])
"""

ONE_BY_ONE = """
def audit(bank):
    with transaction.atomic():
        set_isolation_level("REPEATABLE READ")
        return [read({one}) for number, pk in enumerate(bank.account_pks, start=1)]
"""

REPAIRS = {
    "5: by number": ONE_BY_ONE.format(one="bank.accounts.get(number=number)"),
    "5: a list of one": ONE_BY_ONE.format(one="Account.objects.filter(pk__in=[pk]).first()"),
    "5: in bulk, one each": ONE_BY_ONE.format(one="Account.objects.in_bulk([pk])[pk]"),
    "5: keys by an alias": """
def audit(bank):
    with transaction.atomic():
        set_isolation_level("REPEATABLE READ")
        return [read(Account.objects.get(pk=pk)) for pk in bank.accounts.values_list("pk", flat=True)]
""",
    "5: numbers and openings at once": """
def audit(bank):
    with transaction.atomic():
        set_isolation_level("REPEATABLE READ")
        listed = list(bank.accounts.values_list("number", "opening_balance"))
        return [read(bank.accounts.get(number=number)) for number, _opening in listed]
""",
    "7: the expression's column on the right": WITH_OTHERS
    + """
from django.db.models import F, Value

def with_expression(order):
    with transaction.atomic():
        for pk, amount in sorted([(order.source_id, -order.amount), (order.target_id, order.amount)]):
            Account.objects.filter(pk=pk).update(balance=Value(amount) + F("balance"), last_transfer=order.pk)
        order.end(Transfer.Status.APPLIED)
""",
    "7: both rows in one UPDATE": WITH_OTHERS
    + """
def with_expression(order):
    with transaction.atomic(), connection.cursor() as cursor:
        change = "CASE id WHEN %s THEN %s ELSE %s END"
        cursor.execute(
            f"UPDATE accounts_account SET balance = {change} + balance WHERE id IN (%s, %s)",
            [order.source_id, -order.amount, order.amount, order.source_id, order.target_id],
        )
        order.end(Transfer.Status.APPLIED)
""",
    "7: a lock through a join": """
from accounts.labs.exercises.lab07_lost_update.solution import with_expression, with_token

def with_lock(order):
    with transaction.atomic():
        rows = Account.objects.filter(bank__pk=order.bank_id, pk__in=(order.source_id, order.target_id))
        found = {row.pk: row for row in rows.select_related("bank").select_for_update(of=("self",)).order_by("pk")}
        post(order, found[order.source_id], found[order.target_id])
""",
    "7: an expression in SQL": WITH_OTHERS
    + """
def with_expression(order):
    with transaction.atomic(), connection.cursor() as cursor:
        for pk, amount in ((order.source_id, order.amount), (order.target_id, -order.amount)):
            cursor.execute("UPDATE accounts_account SET balance = balance - %s WHERE id = %s", [amount, pk])
        order.end(Transfer.Status.APPLIED)
""",
    "8: what the ledger does": """
def transfer(order):
    with transaction.atomic():
        rows = {row.pk: row for row in order.accounts.select_for_update().order_by("pk")}
        post(order, rows[order.source_id], rows[order.target_id])
""",
    "9: a frozen set of names": """
from accounts.labs.exercises.lab09_lock_impostors.solution import audit, transfer

LOCKS_NOTHING = frozenset({"queryset", "aggregate", "count"})
""",
    "10: one row after the other, in order": """
def transfer(order):
    with transaction.atomic():
        rows = {pk: Account.objects.select_for_update().get(pk=pk) for pk in sorted([order.source_id, order.target_id])}
        post(order, rows[order.source_id], rows[order.target_id])

def audit(bank):
    with transaction.atomic():
        return [read(Account.objects.select_for_update().get(pk=pk)) for pk in bank.account_pks]
""",
    "10: by bank, then by key": """
def transfer(order):
    with transaction.atomic():
        rows = {row.pk: row for row in order.accounts.select_for_update().order_by("bank_id", "number")}
        post(order, rows[order.source_id], rows[order.target_id])

def audit(bank):
    with transaction.atomic():
        return [read(row) for row in bank.accounts.select_for_update().order_by("bank_id", "number")]
""",
    "10: all downwards": """
def transfer(order):
    with transaction.atomic():
        rows = {row.pk: row for row in order.accounts.select_for_update().order_by("-pk")}
        post(order, rows[order.source_id], rows[order.target_id])

def audit(bank):
    with transaction.atomic():
        return [read(row) for row in bank.accounts.select_for_update().order_by("-pk")]
""",
    "11: a snapshot": OPEN_ACCOUNT
    + """
def audit(bank):
    with transaction.atomic():
        set_isolation_level("REPEATABLE READ")
        return [read(Account.objects.get(pk=pk)) for pk in bank.accounts.values_list("pk", flat=True)]
""",
    "11: a lock on the table": OPEN_ACCOUNT
    + """
def audit(bank):
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE accounts_account IN SHARE MODE")
        return [read(row) for row in bank.accounts.order_by("pk")]
""",
    "11: the bank's row, taken by both": """
def open_account(bank, payer, amount):
    with transaction.atomic():
        Bank.objects.select_for_update().get(pk=bank.pk)
        source = bank.accounts.select_for_update().get(pk=payer)
        target = bank.accounts.create(number=4, opening_balance=0, balance=0)
        order = bank.transfers.create(source=source, target=target, amount=amount)
        post(order, source, target)

def audit(bank):
    with transaction.atomic():
        Bank.objects.select_for_update().get(pk=bank.pk)
        return [read(row) for row in bank.accounts.select_for_update().order_by("pk")]
""",
    "12: serializable, tried again": WITHDRAW.format(level="SERIALIZABLE", lock=""),
    "12: locked at repeatable read, tried again": WITHDRAW.format(level="REPEATABLE READ", lock=".select_for_update()"),
}


# One at READ COMMITTED, one that tries again. The checks of other labs use a large bank, which takes seconds.
SOME = ["7: both rows in one UPDATE"]


@pytest.mark.parametrize("repair", REPAIRS if THOROUGH else SOME)
def test_another_repair_passes(tmp_path, repair):
    file = tmp_path / "my_repair.py"
    file.write_text(HEAD + REPAIRS[repair])

    verdict = check(find_lab(repair.partition(":")[0]), file, student="anna", with_storm=False)

    assert [check for check in verdict.checks if not check.outcome.is_passed] == []
