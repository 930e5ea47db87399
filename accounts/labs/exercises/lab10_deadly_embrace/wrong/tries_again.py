"""crossing refutes it: "sessions deadlock"

The victim begins again, and all is right in the end, a second later: the deadlock is only hidden.
"""

from django.db import OperationalError, transaction

from accounts.ledger import Reading, post, read
from accounts.models import Account, Bank, Transfer

ATTEMPTS = 10


def transfer(order: Transfer) -> None:
    for attempts_left in reversed(range(ATTEMPTS)):
        try:
            return transfer_once(order)
        except OperationalError:
            if not attempts_left:
                raise


def transfer_once(order: Transfer) -> None:
    with transaction.atomic():
        source = Account.objects.select_for_update().get(pk=order.source_id)
        target = Account.objects.select_for_update().get(pk=order.target_id)
        post(order, source, target)


def audit(bank: Bank) -> list[Reading]:
    with transaction.atomic():
        return [read(row) for row in bank.accounts.select_for_update().order_by("pk")]
