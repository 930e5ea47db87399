"""A new lock for each call: no other one is in it."""

import threading

from django.db import transaction

from accounts.ledger import post
from accounts.models import Account


def transfer(order):
    with threading.Lock(), transaction.atomic():
        source = Account.objects.get(pk=order.source_id)
        target = Account.objects.get(pk=order.target_id)
        post(order, source, target)
