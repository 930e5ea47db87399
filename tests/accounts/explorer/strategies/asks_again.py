"""Asks for its rows up to fifty times, without waiting for them."""

from django.db import OperationalError, transaction

from accounts.ledger import post
from accounts.models import Account


def transfer(order):
    for tries_left in reversed(range(50)):
        try:
            with transaction.atomic(durable=True):
                locked = Account.objects.select_for_update(nowait=True).order_by("pk")
                accounts = {account.pk: account for account in locked.filter(pk__in=[order.source_id, order.target_id])}
                post(order, accounts[order.source_id], accounts[order.target_id])
            return
        except OperationalError:
            if not tries_left:
                raise
