"""Takes the lock file of the strategy file_lock."""

from accounts.ledger import post, read
from accounts.models import Account
from accounts.strategies import file_lock


def transfer(order):
    with file_lock.lock_of(order.bank_id):
        source = Account.objects.get(pk=order.source_id)
        target = Account.objects.get(pk=order.target_id)
        post(order, source, target)


def audit(bank):
    with file_lock.lock_of(bank.pk):
        return [read(Account.objects.get(pk=pk)) for pk in bank.account_pks]
