"""A lock for each account, taken source first: two transfers that cross each other wait for ever."""

import threading

from django.db import transaction

from accounts.ledger import post
from accounts.models import Account

LOCKS = {}


def transfer(order):
    for pk in (order.source_id, order.target_id):
        if pk not in LOCKS:
            LOCKS[pk] = threading.Lock()
    with LOCKS[order.source_id], LOCKS[order.target_id], transaction.atomic(durable=True):
        post(order, Account.objects.get(pk=order.source_id), Account.objects.get(pk=order.target_id))
