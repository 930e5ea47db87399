"""An advisory lock: PostgreSQL keeps a lock for the bank, by number. Works for all code on this database that asks.

The database attaches no meaning to the number; it is a lock, kept where all workers can see it, and dropped at COMMIT
or when the connection dies. Code that does not ask for it does not wait.
Cost: one operation at a time. (PostgreSQL documentation: 13.3.5 Advisory Locks.)
"""

from django.db import connection, transaction

from accounts.db.contention import waiting
from accounts.ledger import Reading, post, read
from accounts.models import Account, Bank, Transfer
from accounts.strategies.shared.promises import Among, Beside, Lock

TRANSFERS_HOLD = Among.EVERYONE
AUDITS_HOLD = Beside.OWN_TRANSFERS
ASKS_FOR = Lock.ADVISORY
TEACHING_ORDER = 60


def lock(bank_id: int) -> None:
    """Wait for the bank's lock; it is ours until the transaction ends."""
    with waiting(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [bank_id])


def transfer(order: Transfer) -> None:
    with transaction.atomic(durable=True):
        lock(order.bank_id)
        source = Account.objects.get(pk=order.source_id)
        target = Account.objects.get(pk=order.target_id)
        post(order, source, target)


def audit(bank: Bank) -> list[Reading]:
    with transaction.atomic(durable=True):
        lock(bank.pk)
        return [read(Account.objects.get(pk=pk)) for pk in bank.account_pks]
