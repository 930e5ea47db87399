"""transfers_to_one refutes it: "an account ends with the wrong balance"

The account that could be overdrawn is locked; the other one is only read, and written all the same.
"""

from django.db import transaction

from accounts.labs.exercises.lab09_lock_impostors.solution import LOCKS_NOTHING, audit
from accounts.ledger import post
from accounts.models import Account, Transfer

__all__ = ["LOCKS_NOTHING", "audit", "transfer"]


def transfer(order: Transfer) -> None:
    with transaction.atomic():
        source = Account.objects.select_for_update().get(pk=order.source_id)
        target = Account.objects.get(pk=order.target_id)
        post(order, source, target)
