"""One statement: the audit reads every account in one SELECT. Consistent without a lock or a wait.

PostgreSQL gives every statement one snapshot: all that was committed before it began, and nothing that came after.
So each transfer is seen on both of its accounts or on neither, provided that a transfer is one transaction; over
`no_transaction` this audit is torn too. Cost: none for the others.
(PostgreSQL documentation: 13.2.1 Read Committed Isolation Level.)
"""

from accounts.ledger import Reading, read
from accounts.models import Bank
from accounts.strategies.shared.promises import Beside

AUDITS_HOLD = Beside.ALL_TRANSFERS


def audit(bank: Bank) -> list[Reading]:
    return [read(row) for row in bank.accounts.order_by("pk")]
