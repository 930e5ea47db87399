"""overdraft refutes it: "only a constraint stops an overdraft"

The money was there when it was looked for. The database's last line of defence is a constraint: an error, no answer.
"""

from django.db import transaction

from accounts.labs.exercises.lab08_unseen_by_the_total.solution import end
from accounts.ledger import save
from accounts.models import Account, Transfer


def transfer(order: Transfer) -> None:
    is_enough = Account.objects.get(pk=order.source_id).balance >= order.amount
    with transaction.atomic():
        rows = {row.pk: row for row in order.accounts.select_for_update().order_by("pk")}
        if not end(order, Transfer.Status.APPLIED if is_enough else Transfer.Status.REFUSED) or not is_enough:
            return
        rows[order.source_id].balance -= order.amount
        rows[order.target_id].balance += order.amount
        for row in rows.values():
            save(order, row)
