"""transfer refutes it: "an account ends with the wrong balance"

A queryset is not evaluated until its rows are asked for: no SQL is sent, and no row is locked.
"""

from django.db import transaction

from accounts.labs.exercises.lab09_lock_impostors.solution import LOCKS_NOTHING, audit
from accounts.ledger import post
from accounts.models import Transfer

__all__ = ["LOCKS_NOTHING", "audit", "transfer"]


def transfer(order: Transfer) -> None:
    with transaction.atomic():
        locked = order.accounts.select_for_update().order_by("pk")
        locked.filter(bank=order.bank_id)  # still only a question
        rows = {row.pk: row for row in order.accounts}
        post(order, rows[order.source_id], rows[order.target_id])
