"""again_later refutes it: "an account ends with the wrong balance"

The account's last transfer is taken for the key: until there is another one, it is.
"""

from django.db import transaction

from accounts.ledger import save
from accounts.models import Transfer


def transfer(order: Transfer) -> None:
    with transaction.atomic():
        rows = {row.pk: row for row in order.accounts.select_for_update().order_by("pk")}
        source, target = rows[order.source_id], rows[order.target_id]
        if source.last_transfer == order.pk:
            return
        is_enough = source.balance >= order.amount
        status = Transfer.Status.APPLIED if is_enough else Transfer.Status.REFUSED
        Transfer.objects.filter(pk=order.pk).update(status=status)
        if is_enough:
            source.balance -= order.amount
            target.balance += order.amount
            save(order, source)
            save(order, target)
