"""sees_transfers refutes it: "keep nothing from one audit to the next"

Whole, because it was read under the lock; and for ever what the first audit has read.
"""

import threading

from django.db import transaction

from accounts.ledger import Reading, post, read
from accounts.models import Account, Bank, Transfer

LOCK = threading.RLock()
SEEN: list[Reading] = []


def transfer(order: Transfer) -> None:
    with LOCK, transaction.atomic():
        post(order, Account.objects.get(pk=order.source_id), Account.objects.get(pk=order.target_id))


def audit(bank: Bank) -> list[Reading]:
    if not SEEN:
        with LOCK:
            SEEN.extend(read(Account.objects.get(pk=pk)) for pk in bank.account_pks)
    return SEEN
