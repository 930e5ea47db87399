"""no_session_waits refutes it: "a session has to wait"

Right, and it stops every transfer while it reads.
"""

from django.db import transaction

from accounts.ledger import Reading, read
from accounts.models import Bank


def audit(bank: Bank) -> list[Reading]:
    with transaction.atomic():
        return [read(account) for account in bank.accounts.select_for_update().order_by("pk")]
