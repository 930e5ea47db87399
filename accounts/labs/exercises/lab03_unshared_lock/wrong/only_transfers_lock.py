"""audit refutes it: "an audit is torn"

The transfers lock their rows, and the audit asks for no lock: the bug of lab 2, in the database.
"""

from django.db import transaction

from accounts.labs.exercises.lab03_unshared_lock.solution import transfer
from accounts.ledger import Reading, read
from accounts.models import Account, Bank

__all__ = ["audit", "transfer"]


def audit(bank: Bank) -> list[Reading]:
    with transaction.atomic():
        return [read(Account.objects.get(pk=pk)) for pk in bank.account_pks]
