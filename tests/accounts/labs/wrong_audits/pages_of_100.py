"""Pages by LIMIT and OFFSET."""

from accounts.ledger import read


def audit(bank):
    rows = bank.accounts.order_by("pk")
    pages = [rows[place : place + 100] for place in range(0, len(bank.account_pks), 100)]
    return [read(row) for page in pages for row in page]
