"""crossing refutes it: "an account ends with the wrong balance"

Nothing that is read is locked, so there is no deadlock; and updates are lost.
"""

from django.db import transaction

from accounts.ledger import Reading, post, read
from accounts.models import Account, Bank, Transfer


def transfer(order: Transfer) -> None:
    with transaction.atomic():
        source = Account.objects.get(pk=order.source_id)
        target = Account.objects.get(pk=order.target_id)
        post(order, source, target)


def audit(bank: Bank) -> list[Reading]:
    with transaction.atomic():
        return [read(row) for row in bank.accounts.select_for_update().order_by("pk")]
