"""A lock on each account, which is let go before the next one is taken."""

from django.db import transaction

from accounts.ledger import read
from accounts.models import Account


def lock_and_read(pk):
    with transaction.atomic():
        return read(Account.objects.select_for_update().get(pk=pk))


def audit(bank):
    return [lock_and_read(pk) for pk in bank.account_pks]
