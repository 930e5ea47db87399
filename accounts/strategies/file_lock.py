"""A file lock: one lock file for the bank. Works between the processes of one machine, not between machines.

The operating system gives the lock to one process at a time, and takes it back from one that dies. Workers on another
machine have another file (a network file system may or may not share locks: do not count on it).
Cost: one operation at a time, and a worker that waits asks again every millisecond. (filelock documentation: FileLock.)
"""

from django.conf import settings
from django.db import transaction
from filelock import FileLock

from accounts.db.contention import held
from accounts.ledger import Reading, post, read
from accounts.models import Account, Bank, Transfer
from accounts.strategies.shared.promises import Among, Beside, Lock

TRANSFERS_HOLD = Among.PROCESSES
TRANSFERS_HOLD_UNDER_KILLS = Among.NO_ONE  # the lock dies with its process, before the transaction does
AUDITS_HOLD = Beside.OWN_TRANSFERS
ASKS_FOR = Lock.FILE
TEACHING_ORDER = 50


def lock_of(bank_id: int) -> FileLock:
    """A new handle on the bank's lock file; handles exclude each other, in one process too."""
    settings.BANK_LOCK_DIR.mkdir(parents=True, exist_ok=True)
    return FileLock(settings.BANK_LOCK_DIR / f"bank-{bank_id}.lock", poll_interval=0.001)


def transfer(order: Transfer) -> None:
    with held(lock_of(order.bank_id)), transaction.atomic(durable=True):
        source = Account.objects.get(pk=order.source_id)
        target = Account.objects.get(pk=order.target_id)
        post(order, source, target)


def audit(bank: Bank) -> list[Reading]:
    with held(lock_of(bank.pk)), transaction.atomic(durable=True):
        return [read(Account.objects.get(pk=pk)) for pk in bank.account_pks]
