"""as_ever refutes it: "raised 40001"

A snapshot is the way, and FOR UPDATE is in its way: a row that was changed since cannot be locked any more.
"""

from django.db import transaction

from accounts.db.isolation import set_isolation_level
from accounts.labs.exercises.lab11_for_update_still_tears.exercise import open_account
from accounts.ledger import Reading, read
from accounts.models import Bank

__all__ = ["audit", "open_account"]


def audit(bank: Bank) -> list[Reading]:
    with transaction.atomic():
        set_isolation_level("REPEATABLE READ")
        return [read(account) for account in bank.accounts.select_for_update().order_by("pk")]
