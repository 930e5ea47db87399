"""REPEATABLE READ, and a new snapshot for each account."""

from django.db import transaction

from accounts.db.isolation import set_isolation_level
from accounts.ledger import read
from accounts.models import Account


def read_in_snapshot(pk):
    with transaction.atomic():
        set_isolation_level("REPEATABLE READ")
        return read(Account.objects.get(pk=pk))


def audit(bank):
    return [read_in_snapshot(pk) for pk in bank.account_pks]
