"""From the last account to the first."""

from accounts.ledger import read
from accounts.models import Account


def audit(bank):
    return [read(Account.objects.get(pk=pk)) for pk in reversed(bank.account_pks)]
