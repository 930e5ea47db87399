"""Right once; after that, what it has read before."""

from accounts.ledger import read

CACHE = {}


def audit(bank):
    if bank.pk not in CACHE:
        CACHE[bank.pk] = [read(row) for row in bank.accounts.order_by("pk")]
    return CACHE[bank.pk]
