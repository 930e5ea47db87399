"""The audit locks the transfers, whose UPDATE runs along with a step."""

from django.db import transaction

from accounts.ledger import read
from accounts.models import Account, Transfer


def audit(bank):
    with transaction.atomic():
        list(Transfer.objects.select_for_update().filter(bank_id=bank.pk))
        return [read(Account.objects.get(pk=pk)) for pk in bank.account_pks]
