"""no_session_waits refutes it: "a session has to wait"

Right, with locks: while it reads, no transfer can be made.
"""

from django.db import transaction

from accounts.ledger import Reading, read
from accounts.models import Account, Bank


def audit(bank: Bank) -> list[Reading]:
    with transaction.atomic():
        rows = Account.objects.select_for_update()
        return [read(rows.get(pk=pk)) for pk in bank.account_pks]
