"""one_transfer refutes it: "an audit is torn"

The lock is let go between two readings, and a transfer slips in.
"""

import threading

from django.db import transaction

from accounts.ledger import Reading, post, read
from accounts.models import Account, Bank, Transfer

LOCK = threading.RLock()


def transfer(order: Transfer) -> None:
    with LOCK, transaction.atomic():
        source = Account.objects.get(pk=order.source_id)
        target = Account.objects.get(pk=order.target_id)
        post(order, source, target)


def audit(bank: Bank) -> list[Reading]:
    readings = []
    for pk in bank.account_pks:
        with LOCK:
            readings.append(read(Account.objects.get(pk=pk)))
    return readings
