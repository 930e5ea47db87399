"""with_token refutes it: "no UPDATE finds that another transfer was faster"

The WHERE has the token's name in it, and is always true: it is the second way once more.
"""

from django.db import transaction
from django.db.models import F

from accounts.labs.exercises.lab07_lost_update.solution import with_expression, with_lock
from accounts.models import Account, Transfer

__all__ = ["with_expression", "with_lock", "with_token"]


def with_token(order: Transfer) -> None:
    with transaction.atomic():
        for pk, amount in sorted([(order.source_id, -order.amount), (order.target_id, order.amount)]):
            others = Account.objects.filter(pk=pk).exclude(last_transfer=order.pk)
            others.update(balance=F("balance") + amount, last_transfer=order.pk)
        order.end(Transfer.Status.APPLIED)
