"""with_token refutes it: "a session ends with an error"

The slower of two transfers raises an error, and is never made.
"""

from django.db import transaction

from accounts.labs.exercises.lab07_lost_update.solution import with_expression, with_lock, write_if_unchanged
from accounts.ledger import post
from accounts.models import Transfer

__all__ = ["with_expression", "with_lock", "with_token"]


def with_token(order: Transfer) -> None:
    with transaction.atomic():
        rows = {row.pk: row for row in order.accounts}
        post(order, rows[order.source_id], rows[order.target_id], write=write_if_unchanged)
