"""SERIALIZABLE: the database lets transactions run only if they could have run one after another. Right everywhere.

The code is that of `no_lock`, and PostgreSQL watches what everybody reads and writes. Where no order would explain it,
it ends a transaction with 40001; that one begins again, a bounded number of times. Without the retry, the strategy is
not complete. All must take part: a transfer at a lower level is not watched.
Cost: no waiting, but retries, the more the fewer accounts there are.
(PostgreSQL documentation: 13.2.3 Serializable Isolation Level, 13.5 Serialization Failure Handling.)
"""

from django.db import transaction

from accounts.db.contention import retry
from accounts.db.isolation import set_isolation_level
from accounts.db.sqlstates import is_retryable
from accounts.ledger import Reading, post, read
from accounts.models import Account, Bank, Transfer
from accounts.strategies.shared.promises import Among, Beside

TRANSFERS_HOLD = Among.EVERYONE
AUDITS_HOLD = Beside.ALL_TRANSFERS
TEACHING_ORDER = 110


def transfer(order: Transfer) -> None:
    retry(lambda: transfer_once(order), when=is_retryable)


def transfer_once(order: Transfer) -> None:
    with transaction.atomic(durable=True):
        set_isolation_level("SERIALIZABLE")
        source = Account.objects.get(pk=order.source_id)
        target = Account.objects.get(pk=order.target_id)
        post(order, source, target)


def audit(bank: Bank) -> list[Reading]:
    return retry(lambda: audit_once(bank), when=is_retryable)


def audit_once(bank: Bank) -> list[Reading]:
    with transaction.atomic(durable=True):
        set_isolation_level("SERIALIZABLE")
        return [read(Account.objects.get(pk=pk)) for pk in bank.account_pks]
