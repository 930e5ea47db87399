"""REPEATABLE READ: the first statement's snapshot is kept until COMMIT, and no session waits."""

from django.db import transaction

from accounts.db.isolation import set_isolation_level
from accounts.ledger import Reading, read
from accounts.models import Account, Bank


def audit(bank: Bank) -> list[Reading]:
    with transaction.atomic():
        set_isolation_level("REPEATABLE READ")
        return [read(Account.objects.get(pk=pk)) for pk in bank.account_pks]
