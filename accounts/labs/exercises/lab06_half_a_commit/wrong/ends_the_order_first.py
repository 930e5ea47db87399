"""own_row refutes it: "the transfer's row says one thing and the accounts another"

Both accounts are one transaction, and the order was ended before it: the money that it says was moved never is.
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
        target.balance += order.amount
        save(order, source)
        save(order, target)
