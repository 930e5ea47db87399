"""Remembers in its module that one of its transfers was here: then the next one reads less."""

from django.db import transaction

from accounts.ledger import post
from accounts.models import Account

seen = set()


def transfer(order):
    with transaction.atomic(durable=True):
        Account.objects.get(pk=order.source_id)
        if order.bank_id not in seen:
            seen.add(order.bank_id)
            Account.objects.get(pk=order.target_id)
        pks = sorted([order.source_id, order.target_id])
        accounts = {pk: Account.objects.select_for_update().get(pk=pk) for pk in pks}
        post(order, accounts[order.source_id], accounts[order.target_id])
