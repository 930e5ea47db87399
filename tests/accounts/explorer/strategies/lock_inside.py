"""A Python lock inside the transaction: released before COMMIT, it protects nothing."""

import threading

from django.db import transaction

from accounts.ledger import post, read
from accounts.models import Account

LOCK = threading.RLock()


def transfer(order):
    with transaction.atomic(durable=True), LOCK:
        source = Account.objects.get(pk=order.source_id)
        target = Account.objects.get(pk=order.target_id)
        post(order, source, target)


def audit(bank):
    with transaction.atomic(durable=True), LOCK:
        return [read(Account.objects.get(pk=pk)) for pk in bank.account_pks]
