"""Takes the lock of the strategy python_lock, as a student does who has read it."""

from accounts.ledger import post, read
from accounts.models import Account
from accounts.strategies.python_lock import LOCK


def transfer(order):
    with LOCK:
        source = Account.objects.get(pk=order.source_id)
        target = Account.objects.get(pk=order.target_id)
        post(order, source, target)


def audit(bank):
    with LOCK:
        return [read(Account.objects.get(pk=pk)) for pk in bank.account_pks]
