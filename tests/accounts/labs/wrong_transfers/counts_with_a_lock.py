"""count() sends no FOR UPDATE."""

from django.db import transaction

from accounts.ledger import post
from accounts.models import Account


def transfer(order):
    with transaction.atomic():
        order.accounts.select_for_update().count()
        source = Account.objects.get(pk=order.source_id)
        target = Account.objects.get(pk=order.target_id)
        post(order, source, target)
