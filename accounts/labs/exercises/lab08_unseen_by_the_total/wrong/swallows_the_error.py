"""overdraft refutes it: "a transfer is neither applied nor refused"

The constraint holds, the error is swallowed, and the customer waits for an answer for ever.
"""

from django.db import IntegrityError, transaction

from accounts.labs.exercises.lab08_unseen_by_the_total.solution import end
from accounts.ledger import save
from accounts.models import Transfer


def transfer(order: Transfer) -> None:
    try:
        move(order)
    except IntegrityError:
        pass  # not enough money


def move(order: Transfer) -> None:
    with transaction.atomic():
        rows = {row.pk: row for row in order.accounts.select_for_update().order_by("pk")}
        if not end(order, Transfer.Status.APPLIED):
            return
        rows[order.source_id].balance -= order.amount
        rows[order.target_id].balance += order.amount
        for row in rows.values():
            save(order, row)
