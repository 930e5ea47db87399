"""A Python lock within the transaction: it is let go before COMMIT."""

import threading

from django.db import transaction

from accounts.ledger import post
from accounts.models import Account

INSIDE = threading.Lock()


def transfer(order):
    with transaction.atomic(), INSIDE:
        source = Account.objects.get(pk=order.source_id)
        target = Account.objects.get(pk=order.target_id)
        post(order, source, target)
