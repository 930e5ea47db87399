"""The jobs of lab 8: each looks for the money, and then moves it."""

from django.db import transaction

from accounts.ledger import save
from accounts.models import Account, Transfer


def transfer(order: Transfer) -> None:
    """One job. The queue may deliver it twice, to two workers at once."""
    # TODO: what must be decided while the rows are locked, and what happens to a second delivery?
    source = Account.objects.get(pk=order.source_id)
    if source.balance < order.amount:
        Transfer.objects.filter(pk=order.pk).update(status=Transfer.Status.REFUSED)
        return
    with transaction.atomic():
        rows = {row.pk: row for row in order.accounts.select_for_update().order_by("pk")}
        rows[order.source_id].balance -= order.amount
        rows[order.target_id].balance += order.amount
        for row in rows.values():
            save(order, row)
        Transfer.objects.filter(pk=order.pk).update(status=Transfer.Status.APPLIED)
