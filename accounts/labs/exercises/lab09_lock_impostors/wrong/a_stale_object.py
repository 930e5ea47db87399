"""transfer refutes it: "an account ends with the wrong balance"

The rows are locked, but what is saved was computed from objects that were read before.
"""

from django.db import transaction

from accounts.labs.exercises.lab09_lock_impostors.solution import LOCKS_NOTHING, audit
from accounts.ledger import post
from accounts.models import Transfer

__all__ = ["LOCKS_NOTHING", "audit", "transfer"]


def transfer(order: Transfer) -> None:
    rows = {row.pk: row for row in order.accounts}
    with transaction.atomic():
        list(order.accounts.select_for_update().order_by("pk"))
        post(order, rows[order.source_id], rows[order.target_id])
