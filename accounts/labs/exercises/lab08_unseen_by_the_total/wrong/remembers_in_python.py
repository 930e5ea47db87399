"""delivered_twice refutes it: "an account ends with the wrong balance"

A set of the jobs that are done: each worker process has a set of its own.
"""

from django.db import transaction

from accounts.ledger import save
from accounts.models import Transfer

DONE: set[int] = set()


def transfer(order: Transfer) -> None:
    if order.pk in DONE:
        return
    DONE.add(order.pk)
    with transaction.atomic():
        rows = {row.pk: row for row in order.accounts.select_for_update().order_by("pk")}
        is_enough = rows[order.source_id].balance >= order.amount
        Transfer.objects.filter(pk=order.pk).update(
            status=Transfer.Status.APPLIED if is_enough else Transfer.Status.REFUSED
        )
        if not is_enough:
            return
        rows[order.source_id].balance -= order.amount
        rows[order.target_id].balance += order.amount
        for row in rows.values():
            save(order, row)
