"""opening refutes it: "an audit is torn"

One snapshot for all readings, and a list of the accounts that is older than the new one.
"""

from accounts.labs.exercises.lab11_for_update_still_tears.exercise import open_account
from accounts.ledger import Reading, read
from accounts.models import Bank

__all__ = ["audit", "open_account"]


def audit(bank: Bank) -> list[Reading]:
    return [read(account) for account in bank.accounts.filter(pk__in=bank.account_pks).order_by("pk")]
