"""transfer refutes it: "an account ends with the wrong balance"

The transfer's own row is locked, which no other session asks for.
"""

from django.db import transaction

from accounts.labs.exercises.lab09_lock_impostors.solution import LOCKS_NOTHING, audit
from accounts.ledger import post
from accounts.models import Transfer

__all__ = ["LOCKS_NOTHING", "audit", "transfer"]


def transfer(order: Transfer) -> None:
    with transaction.atomic():
        Transfer.objects.select_for_update().get(pk=order.pk)
        rows = {row.pk: row for row in order.accounts}
        post(order, rows[order.source_id], rows[order.target_id])
