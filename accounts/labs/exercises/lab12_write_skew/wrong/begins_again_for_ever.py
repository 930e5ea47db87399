"""bounded refutes it: "after 100 attempts it still began another"

It begins again until it is let through: where PostgreSQL never does, that worker is lost.
"""

from django.db import OperationalError, transaction

from accounts.db.isolation import set_isolation_level
from accounts.labs.exercises.lab12_write_skew.exercise import JOINT, LIMIT
from accounts.ledger import post
from accounts.models import Account, Transfer


def transfer(order: Transfer) -> None:
    while True:
        try:
            return withdraw(order)
        except OperationalError:
            continue


def withdraw(order: Transfer) -> None:
    with transaction.atomic():
        set_isolation_level("SERIALIZABLE")
        rows = {row.pk: row for row in Account.objects.filter(bank=order.bank_id)}
        withdrawn = sum(row.opening_balance - row.balance for row in rows.values() if row.number in JOINT)
        if withdrawn + order.amount > LIMIT:
            order.end(Transfer.Status.REFUSED)
            return
        post(order, rows[order.source_id], rows[order.target_id])
