"""Four accounts at a time."""

from accounts.ledger import read


def audit(bank):
    pks = bank.account_pks
    chunks = [pks[place : place + 4] for place in range(0, len(pks), 4)]
    return [read(row) for chunk in chunks for row in bank.accounts.filter(pk__in=chunk).order_by("pk")]
