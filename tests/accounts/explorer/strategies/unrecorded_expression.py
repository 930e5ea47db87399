"""Transfers by expressions that sign their accounts, and do not say what they replaced: order.end() alone ends them."""

from django.db import transaction
from django.db.models import F

from accounts.models import Account, Transfer


def transfer(order):
    with transaction.atomic():
        for pk, amount in sorted([(order.source_id, -order.amount), (order.target_id, order.amount)]):
            Account.objects.filter(pk=pk).update(balance=F("balance") + amount, last_transfer=order.pk)
        order.end(Transfer.Status.APPLIED)
