"""REPEATABLE READ: the audit reads account by account from one snapshot. Consistent without a lock or a wait.

The snapshot is taken by the first statement and kept until COMMIT, however long the audit takes. (At READ COMMITTED,
the default, each statement has a snapshot of its own: `no_lock`.) A transfer must be one transaction: `no_transaction`
tears this audit too. Cost: none for the others, but old row versions are kept as long as the snapshot is.
(PostgreSQL documentation: 13.2.2 Repeatable Read Isolation Level.)
"""

from django.db import transaction

from accounts.db.isolation import set_isolation_level
from accounts.ledger import Reading, read
from accounts.models import Account, Bank
from accounts.strategies.shared.promises import Beside

AUDITS_HOLD = Beside.ALL_TRANSFERS


def audit(bank: Bank) -> list[Reading]:
    with transaction.atomic(durable=True):
        set_isolation_level("REPEATABLE READ")
        return [read(Account.objects.get(pk=pk)) for pk in bank.account_pks]
