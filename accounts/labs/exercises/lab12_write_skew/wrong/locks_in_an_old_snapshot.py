"""beyond refutes it: "raised 40001"

The right rows are locked, but by a snapshot that is older than the lock: who had to wait cannot go on.
"""

from django.db import transaction

from accounts.db.isolation import set_isolation_level
from accounts.labs.exercises.lab12_write_skew.exercise import JOINT, LIMIT
from accounts.labs.exercises.lab12_write_skew.solution import lock
from accounts.ledger import post
from accounts.models import Transfer


def transfer(order: Transfer) -> None:
    with transaction.atomic():
        set_isolation_level("REPEATABLE READ")
        rows = {row.pk: row for row in lock(order)}
        withdrawn = sum(row.opening_balance - row.balance for row in rows.values() if row.number in JOINT)
        if withdrawn + order.amount > LIMIT:
            order.end(Transfer.Status.REFUSED)
            return
        post(order, rows[order.source_id], rows[order.target_id])
