"""together refutes it: "a transfer can be seen half done"

Marked as applied first, in a transaction of its own: if the worker dies now, the money never moves.
"""

from django.db import transaction

from accounts.labs.exercises.lab08_unseen_by_the_total.solution import end
from accounts.ledger import save
from accounts.models import Transfer


def transfer(order: Transfer) -> None:
    if not end(order, Transfer.Status.APPLIED):
        return
    with transaction.atomic():
        rows = {row.pk: row for row in order.accounts.select_for_update().order_by("pk")}
        if rows[order.source_id].balance < order.amount:
            Transfer.objects.filter(pk=order.pk).update(status=Transfer.Status.REFUSED)
            return
        rows[order.source_id].balance -= order.amount
        rows[order.target_id].balance += order.amount
        for row in rows.values():
            save(order, row)
