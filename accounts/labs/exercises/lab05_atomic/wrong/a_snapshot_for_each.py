"""whole refutes it: "an audit is torn"

A transaction for each account, and so a snapshot for each.
"""

from django.db import transaction

from accounts.db.isolation import set_isolation_level
from accounts.ledger import Reading, read
from accounts.models import Account, Bank


def audit(bank: Bank) -> list[Reading]:
    readings = []
    for pk in bank.account_pks:
        with transaction.atomic():
            set_isolation_level("REPEATABLE READ")
            readings.append(read(Account.objects.get(pk=pk)))
    return readings
