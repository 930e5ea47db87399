"""A lock on the other one of the two rows."""

from django.db import transaction

from accounts.ledger import post
from accounts.models import Account


def transfer(order):
    with transaction.atomic():
        target = Account.objects.select_for_update().get(pk=order.target_id)
        source = Account.objects.get(pk=order.source_id)
        post(order, source, target)
