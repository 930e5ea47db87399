"""Two statements: the accounts with odd numbers, then those with even ones."""

from accounts.ledger import read


def audit(bank):
    odd = bank.accounts.extra(where=["number % 2 = 1"])
    even = bank.accounts.extra(where=["number % 2 = 0"])
    return [read(row) for rows in (odd, even) for row in rows]
