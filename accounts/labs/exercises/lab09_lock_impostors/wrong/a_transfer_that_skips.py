"""transfer refutes it: "a session ends with an error"

The rows that somebody else holds are skipped, and are not there when they are needed.
"""

from django.db import transaction

from accounts.labs.exercises.lab09_lock_impostors.solution import LOCKS_NOTHING, audit
from accounts.ledger import post
from accounts.models import Transfer

__all__ = ["LOCKS_NOTHING", "audit", "transfer"]


def transfer(order: Transfer) -> None:
    with transaction.atomic():
        rows = {row.pk: row for row in order.accounts.select_for_update(skip_locked=True).order_by("pk")}
        post(order, rows[order.source_id], rows[order.target_id])
