"""An audit that locks the rows one at a time, and commits between them."""

from django.db import transaction

from accounts.ledger import read
from accounts.models import Account


def audit(bank):
    readings = []
    for pk in bank.account_pks:
        with transaction.atomic():
            readings.append(read(Account.objects.select_for_update().get(pk=pk)))
    return readings
