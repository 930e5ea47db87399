"""A lock is taken when its SELECT is sent, on the rows that it returns; and what counts is what that SELECT read."""

from django.db import transaction

from accounts.ledger import Reading, post, read
from accounts.models import Bank, Transfer

LOCKS_NOTHING = {"queryset", "aggregate", "count"}  # exists() locks one row, whichever comes first


def transfer(order: Transfer) -> None:
    with transaction.atomic():
        rows = {row.pk: row for row in order.accounts.select_for_update().order_by("pk")}
        post(order, rows[order.source_id], rows[order.target_id])


def audit(bank: Bank) -> list[Reading]:
    with transaction.atomic():
        return [read(row) for row in bank.accounts.select_for_update().order_by("pk")]
