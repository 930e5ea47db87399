"""A Python lock for each account, taken in order. Works between the threads of one process only.

The lecture's fine-grained bank: transfers between different accounts no longer wait for each other. Code that
takes two locks must take them in one order (here, by primary key). Otherwise two opposite transfers wait for each other
for ever: Python detects no deadlocks. The audit takes all of them, in the same order.
Cost: only those wait that share an account. (Python documentation: threading, "RLock objects".)
"""

import threading
from contextlib import ExitStack

from django.db import transaction

from accounts.db.contention import held
from accounts.ledger import Reading, post, read
from accounts.models import Account, Bank, Transfer
from accounts.strategies.shared.promises import Among, Beside, Lock

TRANSFERS_HOLD = Among.THREADS
TRANSFERS_HOLD_UNDER_KILLS = Among.NO_ONE  # the lock dies with its process, before the transaction does
AUDITS_HOLD = Beside.OWN_TRANSFERS
ASKS_FOR = Lock.PYTHON_FOR_EACH_ACCOUNT
TEACHING_ORDER = 40

LOCKS: dict[int, threading.RLock] = {}


def lock_of(pk: int) -> threading.RLock:
    return LOCKS.setdefault(pk, threading.RLock())  # setdefault is atomic: no two threads get two locks


def transfer(order: Transfer) -> None:
    first, second = sorted((order.source_id, order.target_id))
    with held(lock_of(first)), held(lock_of(second)), transaction.atomic(durable=True):
        source = Account.objects.get(pk=order.source_id)
        target = Account.objects.get(pk=order.target_id)
        post(order, source, target)


def audit(bank: Bank) -> list[Reading]:
    with ExitStack() as locks:
        for pk in bank.account_pks:
            locks.enter_context(held(lock_of(pk)))
        with transaction.atomic(durable=True):
            return [read(Account.objects.get(pk=pk)) for pk in bank.account_pks]
