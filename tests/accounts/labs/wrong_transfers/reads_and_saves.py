"""Read, change and save, without a lock: the other one's update is lost."""

from django.db import transaction

from accounts.ledger import post
from accounts.models import Account


def transfer(order):
    with transaction.atomic():
        source = Account.objects.get(pk=order.source_id)
        target = Account.objects.get(pk=order.target_id)
        post(order, source, target)
