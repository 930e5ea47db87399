"""beyond refutes it: "no transfer is applied"

Half of the limit for each account: safe, and no customer gets what the limit allows.
"""

from django.db import transaction

from accounts.db.isolation import set_isolation_level
from accounts.labs.exercises.lab12_write_skew.exercise import LIMIT
from accounts.ledger import post
from accounts.models import Account, Transfer


def transfer(order: Transfer) -> None:
    with transaction.atomic():
        set_isolation_level("REPEATABLE READ")
        rows = {row.pk: row for row in Account.objects.filter(bank=order.bank_id)}
        source = rows[order.source_id]
        if source.opening_balance - source.balance + order.amount > LIMIT // 2:
            order.end(Transfer.Status.REFUSED)
            return
        post(order, source, rows[order.target_id])
