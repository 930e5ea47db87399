"""A savepoint gives back the lock that was taken after it."""

from django.db import transaction

from accounts.ledger import read
from accounts.models import Account


class Undone(Exception):
    pass


def audit(bank):
    with transaction.atomic():
        try:
            with transaction.atomic():
                list(bank.accounts.select_for_update().order_by("pk"))
                raise Undone
        except Undone:
            pass
        return [read(Account.objects.get(pk=pk)) for pk in bank.account_pks]
