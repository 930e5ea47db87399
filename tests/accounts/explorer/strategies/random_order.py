"""Locks both rows in an order that is drawn anew each time."""

import random

from django.db import transaction

from accounts.ledger import post
from accounts.models import Account


def transfer(order):
    pks = [order.source_id, order.target_id]
    random.shuffle(pks)
    with transaction.atomic(durable=True):
        accounts = {pk: Account.objects.select_for_update().get(pk=pk) for pk in pks}
        post(order, accounts[order.source_id], accounts[order.target_id])
