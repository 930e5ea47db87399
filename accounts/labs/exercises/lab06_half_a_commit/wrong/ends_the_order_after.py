"""own_row refutes it: "the transfer's row says one thing and the accounts another"

Both accounts are one transaction, and the order is ended after it: who dies in between has moved the money, and the
transfer is pending, to be made once more.
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
    order.end(Transfer.Status.APPLIED, source_based_on=None, target_based_on=None)
