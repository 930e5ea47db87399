"""A lock on the first account, and none on the others."""

from django.db import transaction

from accounts.ledger import read
from accounts.models import Account


def audit(bank):
    first, *others = bank.account_pks
    with transaction.atomic():
        readings = [read(Account.objects.select_for_update().get(pk=first))]
        return readings + [read(Account.objects.get(pk=pk)) for pk in others]
