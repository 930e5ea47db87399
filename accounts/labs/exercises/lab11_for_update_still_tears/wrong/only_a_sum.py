"""as_ever refutes it: "an audit kept no readings"

One statement, one snapshot; but it cannot say what it saw.
"""

from accounts.labs.exercises.lab11_for_update_still_tears.exercise import open_account
from accounts.models import Bank

__all__ = ["audit", "open_account"]


def audit(bank: Bank) -> int:
    return bank.total
