"""From the target to the source."""

from django.db import transaction

from accounts.ledger import post


def transfer(order):
    with transaction.atomic():
        rows = {row.pk: row for row in order.accounts.select_for_update().order_by("pk")}
        order.source_id, order.target_id = order.target_id, order.source_id
        post(order, rows[order.source_id], rows[order.target_id])
