"""delivered_twice refutes it: "an account ends with the wrong balance"

The second delivery changes no status, and that is not looked at: it moves the money all the same.
"""

from django.db import transaction

from accounts.ledger import save
from accounts.models import Transfer


def transfer(order: Transfer) -> None:
    with transaction.atomic():
        rows = {row.pk: row for row in order.accounts.select_for_update().order_by("pk")}
        is_enough = rows[order.source_id].balance >= order.amount
        pending = Transfer.objects.filter(pk=order.pk, status=Transfer.Status.PENDING)
        pending.update(status=Transfer.Status.APPLIED if is_enough else Transfer.Status.REFUSED)
        if not is_enough:
            return
        rows[order.source_id].balance -= order.amount
        rows[order.target_id].balance += order.amount
        for row in rows.values():
            save(order, row)
