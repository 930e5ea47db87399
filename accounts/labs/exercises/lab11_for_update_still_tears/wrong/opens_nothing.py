"""opening refutes it: "Account 4 ends with 0, and should"

Nothing tears if nothing is opened.
"""

from django.db import transaction

from accounts.ledger import Reading, read
from accounts.models import Bank


def open_account(bank: Bank, payer: int, amount: int) -> None:
    """Not today."""


def audit(bank: Bank) -> list[Reading]:
    with transaction.atomic():
        return [read(account) for account in bank.accounts.select_for_update().order_by("pk")]
