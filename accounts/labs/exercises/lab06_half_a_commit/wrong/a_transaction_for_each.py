"""deaths refutes it: "half a transfer remains"

Each save is in a transaction, which it was before.
"""

from django.db import transaction

from accounts.ledger import save
from accounts.models import Account, Transfer


def transfer(order: Transfer) -> None:
    source = Account.objects.get(pk=order.source_id)
    target = Account.objects.get(pk=order.target_id)
    order.end(Transfer.Status.APPLIED, source_based_on=source.last_transfer, target_based_on=target.last_transfer)
    with transaction.atomic():
        source.balance -= order.amount
        save(order, source)
    with transaction.atomic():
        target.balance += order.amount
        save(order, target)
