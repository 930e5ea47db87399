"""One transaction for all that belongs together: others see everything or nothing, and so does the morning after."""

from django.db import transaction

from accounts.ledger import post
from accounts.models import Account, Transfer


def transfer(order: Transfer) -> None:
    with transaction.atomic():
        source = Account.objects.get(pk=order.source_id)
        target = Account.objects.get(pk=order.target_id)
        post(order, source, target)
