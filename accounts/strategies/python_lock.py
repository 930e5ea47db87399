"""A Python lock: one threading.RLock for the whole bank. Works between the threads of one process only.

Every worker process imports this module for itself and so has a lock of its own, which no other process takes. The lock
is taken before the transaction begins and released after COMMIT: inside, it would protect nothing.
Cost: one operation at a time. (Python documentation: threading, "RLock objects".)
"""

import threading

from django.db import transaction

from accounts.db.contention import held
from accounts.ledger import Reading, post, read
from accounts.models import Account, Bank, Transfer
from accounts.strategies.shared.promises import Among, Beside, Lock

TRANSFERS_HOLD = Among.THREADS
TRANSFERS_HOLD_UNDER_KILLS = Among.NO_ONE  # the lock dies with its process, before the transaction does
AUDITS_HOLD = Beside.OWN_TRANSFERS
ASKS_FOR = Lock.PYTHON
TEACHING_ORDER = 30

LOCK = threading.RLock()


def transfer(order: Transfer) -> None:
    with held(LOCK), transaction.atomic(durable=True):
        source = Account.objects.get(pk=order.source_id)
        target = Account.objects.get(pk=order.target_id)
        post(order, source, target)


def audit(bank: Bank) -> list[Reading]:
    with held(LOCK), transaction.atomic(durable=True):
        return [read(Account.objects.get(pk=pk)) for pk in bank.account_pks]
