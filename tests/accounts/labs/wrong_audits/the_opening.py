"""What the accounts held at the opening."""

from accounts.ledger import Reading


def audit(bank):
    return [Reading(row.pk, row.opening_balance, None) for row in bank.accounts.order_by("pk")]
