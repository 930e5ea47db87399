"""three_accounts refutes it: "The total is right by luck"

It reads anew, a few times at most, until the total is the expected one: what it half sees of two transfers may fit too.
"""

from accounts.ledger import Reading, read
from accounts.models import Account, Bank


def audit(bank: Bank) -> list[Reading]:
    for _ in range(5):
        readings = [read(Account.objects.get(pk=pk)) for pk in bank.account_pks]
        if sum(reading.balance for reading in readings) == bank.opening_total:
            break
    return readings
