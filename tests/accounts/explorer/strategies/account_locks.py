"""A lock for each account, made when it is first wanted; taken in order, so that no sessions wait in a circle."""

from collections import defaultdict
from contextlib import ExitStack
from threading import RLock

from django.db import transaction

from accounts.ledger import post, read
from accounts.models import Account

LOCKS = defaultdict(RLock)


def transfer(order):
    with ExitStack() as locks:
        for pk in sorted((order.source_id, order.target_id)):
            locks.enter_context(LOCKS[pk])
        with transaction.atomic(durable=True):
            post(order, Account.objects.get(pk=order.source_id), Account.objects.get(pk=order.target_id))


def audit(bank):
    with ExitStack() as locks:
        for pk in bank.account_pks:
            locks.enter_context(LOCKS[pk])
        with transaction.atomic(durable=True):
            return [read(Account.objects.get(pk=pk)) for pk in bank.account_pks]
