"""Row locks: select_for_update() locks the rows until COMMIT. Works across threads, processes and machines.

In SQL it is SELECT ... FOR UPDATE. A session that asks for a locked row waits in the database, which all workers share.
Rows are locked in primary-key order, so that two opposite transfers wait instead of deadlocking. The audit follows the
same lock protocol: it locks every row, and stops all transfers while it reads.
Cost: only those wait that share an account; the audit waits for all, and all for it.
(PostgreSQL documentation: 13.3.2 Row-Level Locks; Django: QuerySet.select_for_update.)
"""

from django.db import transaction

from accounts.db.contention import waiting
from accounts.ledger import Reading, post, read
from accounts.models import Bank, Transfer
from accounts.strategies.shared.promises import Among, Beside, Lock

TRANSFERS_HOLD = Among.EVERYONE
AUDITS_HOLD = Beside.ALL_TRANSFERS
ASKS_FOR = Lock.ROWS
TEACHING_ORDER = 70


def transfer(order: Transfer) -> None:
    with transaction.atomic(durable=True):
        with waiting():
            rows = {row.pk: row for row in order.accounts.select_for_update().order_by("pk")}
        post(order, rows[order.source_id], rows[order.target_id])


def audit(bank: Bank) -> list[Reading]:
    with transaction.atomic(durable=True), waiting():
        return [read(row) for row in bank.accounts.select_for_update().order_by("pk")]
