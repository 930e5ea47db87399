"""FOR NO KEY UPDATE, row by row, in the other order."""

from django.db import transaction

from accounts.ledger import read
from accounts.models import Account


def audit(bank):
    with transaction.atomic():
        rows = [Account.objects.select_for_update(no_key=True).get(pk=pk) for pk in reversed(bank.account_pks)]
        return [read(row) for row in rows]
