"""whole refutes it: "an audit kept no readings"

The sum is right, but it cannot be shown to be: anybody could return it.
"""

from accounts.models import Bank


def audit(bank: Bank) -> int:
    return bank.total
