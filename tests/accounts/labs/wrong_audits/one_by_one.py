"""Each account in a statement of its own."""

from accounts.ledger import read
from accounts.models import Account


def audit(bank):
    return [read(Account.objects.get(pk=pk)) for pk in bank.account_pks]
