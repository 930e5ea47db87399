"""A lock on one of the two rows."""

from django.db import transaction

from accounts.ledger import post
from accounts.models import Account


def transfer(order):
    with transaction.atomic():
        source = Account.objects.select_for_update().get(pk=order.source_id)
        target = Account.objects.get(pk=order.target_id)
        post(order, source, target)
