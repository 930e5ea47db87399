"""one_by_one refutes it: "this bank has too many for one SELECT"

Right, and the answer to lab 4.
"""

from django.db import transaction

from accounts.ledger import Reading, read
from accounts.models import Bank


def audit(bank: Bank) -> list[Reading]:
    with transaction.atomic():
        return [read(account) for account in bank.accounts.order_by("pk")]
