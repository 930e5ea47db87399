"""The same in a transaction: at READ COMMITTED, each statement sees another moment."""

from django.db import transaction

from accounts.ledger import read
from accounts.models import Account


def audit(bank):
    with transaction.atomic():
        return [read(Account.objects.get(pk=pk)) for pk in bank.account_pks]
