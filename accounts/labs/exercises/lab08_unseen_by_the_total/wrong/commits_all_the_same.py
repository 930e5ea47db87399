"""delivered_twice refutes it: "an account ends with the wrong balance"

The key is asked for last; by then the money has moved, and return commits it.
"""

from django.db import transaction

from accounts.labs.exercises.lab08_unseen_by_the_total.solution import end
from accounts.ledger import save
from accounts.models import Transfer


def transfer(order: Transfer) -> None:
    with transaction.atomic():
        rows = {row.pk: row for row in order.accounts.select_for_update().order_by("pk")}
        if rows[order.source_id].balance < order.amount:
            end(order, Transfer.Status.REFUSED)
            return
        rows[order.source_id].balance -= order.amount
        rows[order.target_id].balance += order.amount
        for row in rows.values():
            save(order, row)
        if not end(order, Transfer.Status.APPLIED):
            return
