"""Row locks without an order: source first, then target. Right, but two opposite transfers can deadlock.

Each holds the row that the other one wants. PostgreSQL notices after deadlock_timeout (a second), and ends one of the
two with 40P01; that one rolls back and tries again, a bounded number of times, in the open. The audit locks the rows
in reverse order, and so joins in the deadlocks. Compare `row_lock`: one `order_by` is the whole repair.
Cost: most of the time is spent waiting for deadlocks to be noticed. (PostgreSQL documentation: 13.3.4 Deadlocks.)
"""

from django.db import transaction

from accounts.db.contention import retry, waiting
from accounts.db.sqlstates import is_deadlock
from accounts.ledger import Reading, post, read
from accounts.models import Account, Bank, Transfer
from accounts.strategies.shared.promises import Among, Beside, Lock

TRANSFERS_HOLD = Among.EVERYONE
AUDITS_HOLD = Beside.ALL_TRANSFERS
ASKS_FOR = Lock.ROWS
TEACHING_ORDER = 80
PACE = 0.1  # times as fast as row_lock
TRANSFERS_PER_JOB = 100


def transfer(order: Transfer) -> None:
    retry(lambda: transfer_once(order), when=is_deadlock)


def transfer_once(order: Transfer) -> None:
    with transaction.atomic(durable=True):
        with waiting():
            source = Account.objects.select_for_update().get(pk=order.source_id)
            target = Account.objects.select_for_update().get(pk=order.target_id)
        post(order, source, target)


def audit(bank: Bank) -> list[Reading]:
    return retry(lambda: audit_once(bank), when=is_deadlock)


def audit_once(bank: Bank) -> list[Reading]:
    with transaction.atomic(durable=True), waiting():
        return [read(row) for row in bank.accounts.select_for_update().order_by("-pk")]
