"""The transfer's status is the key: who changes it from pending does the job, in the same transaction as the money."""

from django.db import transaction

from accounts.ledger import save
from accounts.models import Transfer


def transfer(order: Transfer) -> None:
    with transaction.atomic():
        rows = {row.pk: row for row in order.accounts.select_for_update().order_by("pk")}
        is_enough = rows[order.source_id].balance >= order.amount
        if not end(order, Transfer.Status.APPLIED if is_enough else Transfer.Status.REFUSED) or not is_enough:
            return
        rows[order.source_id].balance -= order.amount
        rows[order.target_id].balance += order.amount
        for row in rows.values():
            save(order, row)


def end(order: Transfer, status: Transfer.Status) -> bool:
    """Whether it was us who ended it; no row is changed if another delivery got there first."""
    pending = Transfer.objects.filter(pk=order.pk, status=Transfer.Status.PENDING)
    return bool(pending.update(status=status))
