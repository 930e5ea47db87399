"""One plain SELECT, one snapshot: the new account and the debit that paid for it are both in it, or neither is."""

from accounts.labs.exercises.lab11_for_update_still_tears.exercise import open_account
from accounts.ledger import Reading, read
from accounts.models import Bank

__all__ = ["audit", "open_account"]


def audit(bank: Bank) -> list[Reading]:
    return [read(account) for account in bank.accounts.order_by("pk")]
