"""on_and_on refutes it: "an account ends with the wrong balance"

The account that receives is locked, and the other one is only read: another transfer may be paying into it.
"""

from django.db import transaction

from accounts.labs.exercises.lab09_lock_impostors.solution import LOCKS_NOTHING, audit
from accounts.ledger import post
from accounts.models import Account, Transfer

__all__ = ["LOCKS_NOTHING", "audit", "transfer"]


def transfer(order: Transfer) -> None:
    with transaction.atomic():
        target = Account.objects.select_for_update().get(pk=order.target_id)
        post(order, Account.objects.get(pk=order.source_id), target)
