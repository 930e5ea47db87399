"""The unsafe bank of lab 1: no lock anywhere. You choose who goes next."""

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


# TODO: the order of the steps that the task asks for.
SCHEDULE = "t1 t1 t1 t1 t1 a a a t2 t2 t2 t2 t2"

# The transfer that the task asks for: 1 or 2.
HALF_SEEN = None
