"""one_order refutes it: "a balance changes"

Everybody locks the poorer account first, until a transfer has made it the richer one.
"""

from django.db import transaction

from accounts.ledger import Reading, post, read
from accounts.models import Bank, Transfer


def transfer(order: Transfer) -> None:
    with transaction.atomic():
        rows = {row.pk: row for row in order.accounts.select_for_update().order_by("balance")}
        post(order, rows[order.source_id], rows[order.target_id])


def audit(bank: Bank) -> list[Reading]:
    with transaction.atomic():
        return [read(account) for account in bank.accounts.select_for_update().order_by("balance")]
