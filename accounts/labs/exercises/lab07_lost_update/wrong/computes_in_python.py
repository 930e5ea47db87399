"""with_expression refutes it: "an account ends with the wrong balance"

update() instead of save(), but the new balance is still a number that Python computed.
"""

from django.db import transaction

from accounts.labs.exercises.lab07_lost_update.solution import with_lock, with_token
from accounts.models import Account, Transfer

__all__ = ["with_expression", "with_lock", "with_token"]


def with_expression(order: Transfer) -> None:
    with transaction.atomic():
        for pk, amount in sorted([(order.source_id, -order.amount), (order.target_id, order.amount)]):
            balance = Account.objects.get(pk=pk).balance
            Account.objects.filter(pk=pk).update(balance=balance + amount)
        order.end(Transfer.Status.APPLIED)
