"""sees_new_account refutes it: "keep nothing from one audit to the next"

One SELECT, and so whole; but it is sent once only, by the first audit.
"""

import functools

from accounts.labs.exercises.lab11_for_update_still_tears.exercise import open_account
from accounts.ledger import Reading, read
from accounts.models import Bank

__all__ = ["audit", "open_account"]


@functools.cache
def audit(bank: Bank) -> list[Reading]:
    return [read(account) for account in bank.accounts.order_by("pk")]
