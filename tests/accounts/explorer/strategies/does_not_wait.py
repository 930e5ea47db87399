"""Row locks with NOWAIT: who would have to wait is refused."""

from django.db import transaction

from accounts.ledger import post


def transfer(order):
    with transaction.atomic(durable=True):
        rows = {row.pk: row for row in order.accounts.select_for_update(nowait=True).order_by("pk")}
        post(order, rows[order.source_id], rows[order.target_id])
