"""alone refutes it: "a transfer is refused for nothing"

One account has the whole limit, the other one hardly any: together they never go beyond it.
"""

from django.db import transaction

from accounts.ledger import post
from accounts.models import Transfer

LIMITS = {1: 100, 2: 1000}


def transfer(order: Transfer) -> None:
    with transaction.atomic():
        rows = {row.pk: row for row in order.accounts.select_for_update().order_by("pk")}
        source = rows[order.source_id]
        if source.opening_balance - source.balance + order.amount > LIMITS[source.number]:
            order.end(Transfer.Status.REFUSED)
            return
        post(order, source, rows[order.target_id])
