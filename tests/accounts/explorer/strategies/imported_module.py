"""Takes the lock of the strategy python_lock by its full name."""

import accounts.strategies.python_lock
from accounts.ledger import read
from accounts.models import Account


def audit(bank):
    with accounts.strategies.python_lock.LOCK:
        return [read(Account.objects.get(pk=pk)) for pk in bank.account_pks]
