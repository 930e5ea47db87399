"""opening refutes it: "an audit is torn"

ROW SHARE is what SELECT FOR UPDATE takes anyway: it lets everybody else write.
"""

from django.db import connection, transaction

from accounts.labs.exercises.lab11_for_update_still_tears.exercise import open_account
from accounts.ledger import Reading, read
from accounts.models import Bank

__all__ = ["audit", "open_account"]


def audit(bank: Bank) -> list[Reading]:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE accounts_account IN ROW SHARE MODE")
        return [read(account) for account in bank.accounts.select_for_update().order_by("pk")]
