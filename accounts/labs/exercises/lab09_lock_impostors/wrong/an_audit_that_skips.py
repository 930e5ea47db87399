"""audit refutes it: "an audit does not read every account"

It never waits, because it leaves out the accounts that somebody is writing.
"""

from django.db import transaction

from accounts.labs.exercises.lab09_lock_impostors.solution import LOCKS_NOTHING, transfer
from accounts.ledger import Reading, read
from accounts.models import Bank

__all__ = ["LOCKS_NOTHING", "audit", "transfer"]


def audit(bank: Bank) -> list[Reading]:
    with transaction.atomic():
        return [read(row) for row in bank.accounts.select_for_update(skip_locked=True).order_by("pk")]
