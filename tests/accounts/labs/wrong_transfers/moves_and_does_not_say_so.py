"""Moves the money, and leaves the transfer pending."""

from django.db import transaction
from django.db.models import F

from accounts.models import Account


def transfer(order):
    with transaction.atomic():
        for pk, amount in sorted([(order.source_id, -order.amount), (order.target_id, order.amount)]):
            Account.objects.filter(pk=pk).update(balance=F("balance") + amount, last_transfer=order.pk)
