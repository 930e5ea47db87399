"""audit refutes it: "sessions deadlock"

The transfers have an order now, and the audit goes on against it.
"""

from django.db import transaction

from accounts.ledger import Reading, post, read
from accounts.models import Account, Bank, Transfer


def transfer(order: Transfer) -> None:
    with transaction.atomic():
        rows = {row.pk: row for row in order.accounts.select_for_update().order_by("pk")}
        post(order, rows[order.source_id], rows[order.target_id])


def audit(bank: Bank) -> list[Reading]:
    with transaction.atomic():
        return [read(Account.objects.select_for_update().get(pk=pk)) for pk in reversed(bank.account_pks)]
