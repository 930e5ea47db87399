"""transfer refutes it: "an account ends with the wrong balance"

The lock is refused (55P03), the refusal is swallowed, and the work goes on without it.
"""

from django.db import OperationalError, transaction

from accounts.labs.exercises.lab09_lock_impostors.solution import LOCKS_NOTHING, audit
from accounts.ledger import post
from accounts.models import Transfer

__all__ = ["LOCKS_NOTHING", "audit", "transfer"]


def transfer(order: Transfer) -> None:
    with transaction.atomic():
        try:
            with transaction.atomic():
                list(order.accounts.select_for_update(nowait=True).order_by("pk"))
        except OperationalError:
            pass  # somebody else is at it, and will be done soon
        rows = {row.pk: row for row in order.accounts}
        post(order, rows[order.source_id], rows[order.target_id])
