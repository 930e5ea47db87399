"""three_accounts refutes it: "an audit is torn"

If the sum is not as expected it reads again, and believes that. Beside one transfer this is enough; a second transfer
comes between the readings of the second look.
"""

from accounts.ledger import Reading, read
from accounts.models import Account, Bank


def audit(bank: Bank) -> list[Reading]:
    for _ in range(2):
        readings = [read(Account.objects.get(pk=pk)) for pk in bank.account_pks]
        if sum(reading.balance for reading in readings) == bank.opening_total:
            break
    return readings
