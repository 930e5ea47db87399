"""beyond refutes it: "more than one transfer is applied"

The row that is written is locked. The other withdrawal writes another row.
"""

from django.db import transaction

from accounts.labs.exercises.lab12_write_skew.exercise import JOINT, LIMIT
from accounts.ledger import post
from accounts.models import Account, Transfer


def transfer(order: Transfer) -> None:
    with transaction.atomic():
        Account.objects.select_for_update().get(pk=order.source_id)
        rows = {row.pk: row for row in Account.objects.filter(bank=order.bank_id)}
        withdrawn = sum(row.opening_balance - row.balance for row in rows.values() if row.number in JOINT)
        if withdrawn + order.amount > LIMIT:
            order.end(Transfer.Status.REFUSED)
            return
        post(order, rows[order.source_id], rows[order.target_id])
