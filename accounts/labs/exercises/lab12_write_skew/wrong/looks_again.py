"""beyond refutes it: "more than one transfer is applied"

It looks once more after it has written, and sees the same snapshot once more.
"""

from django.db import transaction

from accounts.db.isolation import set_isolation_level
from accounts.labs.exercises.lab12_write_skew.exercise import JOINT, LIMIT
from accounts.ledger import post
from accounts.models import Account, Transfer


def transfer(order: Transfer) -> None:
    with transaction.atomic():
        set_isolation_level("REPEATABLE READ")
        rows = {row.pk: row for row in Account.objects.filter(bank=order.bank_id)}
        withdrawn = sum(row.opening_balance - row.balance for row in rows.values() if row.number in JOINT)
        if withdrawn + order.amount > LIMIT:
            order.end(Transfer.Status.REFUSED)
            return
        post(order, rows[order.source_id], rows[order.target_id])
        joint = Account.objects.filter(bank=order.bank_id, number__in=JOINT)
        if sum(row.opening_balance - row.balance for row in joint) > LIMIT:
            transaction.set_rollback(True)
