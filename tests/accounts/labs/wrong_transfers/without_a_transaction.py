"""Two saves, each committed on its own."""

from accounts.ledger import save
from accounts.models import Account, Transfer


def transfer(order):
    source = Account.objects.get(pk=order.source_id)
    target = Account.objects.get(pk=order.target_id)
    source.balance -= order.amount
    target.balance += order.amount
    save(order, source)
    save(order, target)
    order.end(Transfer.Status.APPLIED)
