"""crossing refutes it: "read 15,000, expected 15,000"

It reads until it finds the same balances twice. They may come again, and others with them that do not fit.
"""

from accounts.ledger import Reading, read
from accounts.models import Account, Bank


def audit(bank: Bank) -> list[Reading]:
    before: list[int] | None = None
    while True:
        readings = [read(Account.objects.get(pk=pk)) for pk in bank.account_pks]
        balances = [reading.balance for reading in readings]
        if balances == before:
            return readings
        before = balances
