"""crossing refutes it: "sessions deadlock"

A Python lock around it: each worker process has one of its own.
"""

import threading

from django.db import transaction

from accounts.ledger import Reading, post, read
from accounts.models import Account, Bank, Transfer

LOCK = threading.RLock()


def transfer(order: Transfer) -> None:
    with LOCK, transaction.atomic():
        source = Account.objects.select_for_update().get(pk=order.source_id)
        target = Account.objects.select_for_update().get(pk=order.target_id)
        post(order, source, target)


def audit(bank: Bank) -> list[Reading]:
    with transaction.atomic():
        return [read(row) for row in bank.accounts.select_for_update().order_by("pk")]
