"""Row locks, taken source first: two transfers that cross each other deadlock."""

from django.db import transaction

from accounts.ledger import post
from accounts.models import Account


def transfer(order):
    with transaction.atomic(durable=True):
        source = Account.objects.select_for_update().get(pk=order.source_id)
        target = Account.objects.select_for_update().get(pk=order.target_id)
        post(order, source, target)
