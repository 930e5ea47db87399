"""Correct row locks; the transfer is written with save()."""

from django.db import transaction

from accounts.models import Transfer


def transfer(order):
    with transaction.atomic():
        rows = {row.pk: row for row in order.accounts.select_for_update().order_by("pk")}
        source, target = rows[order.source_id], rows[order.target_id]
        order.source_based_on, order.target_based_on = source.last_transfer, target.last_transfer
        order.status = Transfer.Status.APPLIED
        order.save()
        source.balance -= order.amount
        target.balance += order.amount
        for account in (source, target):
            account.last_transfer = order.pk
            account.save()
