"""one_transfer refutes it: "an audit kept no readings"

The total that should come out; nothing was counted.
"""

import threading

from django.db import transaction

from accounts.ledger import post
from accounts.models import Account, Bank, Transfer

LOCK = threading.RLock()


def transfer(order: Transfer) -> None:
    with LOCK, transaction.atomic():
        source = Account.objects.get(pk=order.source_id)
        target = Account.objects.get(pk=order.target_id)
        post(order, source, target)


def audit(bank: Bank) -> int:
    return bank.opening_total
