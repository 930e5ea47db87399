"""sees_transfers refutes it: "it must tell what is there"

It reads until the total is the expected one. Where money was stolen, it never is.
"""

from accounts.ledger import Reading, read
from accounts.models import Account, Bank


def audit(bank: Bank) -> list[Reading]:
    while True:
        readings = [read(Account.objects.get(pk=pk)) for pk in bank.account_pks]
        if sum(reading.balance for reading in readings) == bank.opening_total:
            return readings
