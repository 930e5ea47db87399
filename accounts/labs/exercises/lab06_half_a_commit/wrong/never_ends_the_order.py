"""own_row refutes it: "it may be moved once more"

Both accounts are one transaction, and the order stays pending: the next worker makes the transfer again.
"""

from django.db import transaction

from accounts.ledger import save
from accounts.models import Account, Transfer


def transfer(order: Transfer) -> None:
    with transaction.atomic():
        source = Account.objects.get(pk=order.source_id)
        target = Account.objects.get(pk=order.target_id)
        source.balance -= order.amount
        target.balance += order.amount
        save(order, source)
        save(order, target)
