"""No lock: a transaction around read, change and write. A transfer is done fully or not at all; it stops no other.

A transaction is not a lock. At READ COMMITTED, PostgreSQL's default, two transactions may read the same balance and
both write: the second overwrites the first (a lost update). An audit's statements each see another moment (read
skew), inside a transaction too. (PostgreSQL documentation: 13.2.1 Read Committed Isolation Level.)
"""

from django.db import transaction

from accounts.ledger import Reading, post, read
from accounts.models import Account, Bank, Transfer
from accounts.strategies.shared.promises import Among, Beside

TRANSFERS_HOLD = Among.NO_ONE
AUDITS_HOLD = Beside.NO_TRANSFERS
TEACHING_ORDER = 20


def transfer(order: Transfer) -> None:
    with transaction.atomic(durable=True):
        source = Account.objects.get(pk=order.source_id)
        target = Account.objects.get(pk=order.target_id)
        post(order, source, target)


def audit(bank: Bank) -> list[Reading]:
    with transaction.atomic(durable=True):
        return [read(Account.objects.get(pk=pk)) for pk in bank.account_pks]
