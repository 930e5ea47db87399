"""deaths refutes it: "half a transfer remains"

If the second save fails, the first is taken back. A dead process takes nothing back.
"""

from accounts.ledger import save
from accounts.models import Account, Transfer


def transfer(order: Transfer) -> None:
    source = Account.objects.get(pk=order.source_id)
    target = Account.objects.get(pk=order.target_id)
    order.end(Transfer.Status.APPLIED, source_based_on=source.last_transfer, target_based_on=target.last_transfer)
    source.balance -= order.amount
    save(order, source)
    try:
        target.balance += order.amount
        save(order, target)
    except Exception:
        source.balance += order.amount
        save(order, source)
        raise
