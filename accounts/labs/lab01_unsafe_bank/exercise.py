"""The unsafe bank of lab 1: no lock anywhere. Break it on purpose: choose who goes next."""

from django.db import transaction

from accounts.ledger import Reading, post, read
from accounts.models import Account, Bank, Transfer


def transfer(order: Transfer) -> None:
    with transaction.atomic():
        source = Account.objects.get(pk=order.source_id)
        target = Account.objects.get(pk=order.target_id)
        post(order, source, target)


def audit(bank: Bank) -> list[Reading]:
    with transaction.atomic():
        return [read(Account.objects.get(pk=pk)) for pk in bank.account_pks]


# TODO: an order of the steps in which the audit is torn, and both accounts end right.
SCHEDULE = "t1 t1 t1 t1 t1 a a a t2 t2 t2 t2 t2"

# Which transfer did the audit see on one account only: 1 or 2?
HALF_SEEN = None
