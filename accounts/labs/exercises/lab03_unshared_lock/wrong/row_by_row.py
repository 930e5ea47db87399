"""audit refutes it: "an audit is torn"

Each row is locked, read and let go: between two of them, a transfer commits.
"""

from django.db import transaction

from accounts.labs.exercises.lab03_unshared_lock.solution import transfer
from accounts.ledger import Reading, read
from accounts.models import Bank

__all__ = ["audit", "transfer"]


def audit(bank: Bank) -> list[Reading]:
    readings = []
    for pk in bank.account_pks:
        with transaction.atomic():
            readings.append(read(bank.accounts.select_for_update().get(pk=pk)))
    return readings
