"""The lock is in the database, which all workers share: the rows themselves are locked, until COMMIT."""

from django.db import transaction

from accounts.ledger import Reading, post, read
from accounts.models import Bank, Transfer


def transfer(order: Transfer) -> None:
    with transaction.atomic():
        rows = {row.pk: row for row in order.accounts.select_for_update().order_by("pk")}
        post(order, rows[order.source_id], rows[order.target_id])


def audit(bank: Bank) -> list[Reading]:
    with transaction.atomic():
        return [read(row) for row in bank.accounts.select_for_update().order_by("pk")]
