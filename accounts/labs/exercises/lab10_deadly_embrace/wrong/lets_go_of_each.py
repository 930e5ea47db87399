"""audit refutes it: "an audit is torn"

One transaction for each account: it never holds two rows, and so it never has all of them at once.
"""

from django.db import transaction

from accounts.ledger import Reading, post, read
from accounts.models import Account, Bank, Transfer


def transfer(order: Transfer) -> None:
    with transaction.atomic():
        rows = {row.pk: row for row in order.accounts.select_for_update().order_by("pk")}
        post(order, rows[order.source_id], rows[order.target_id])


def audit(bank: Bank) -> list[Reading]:
    return [read_locked(pk) for pk in reversed(bank.account_pks)]


def read_locked(pk: int) -> Reading:
    with transaction.atomic():
        return read(Account.objects.select_for_update().get(pk=pk))
