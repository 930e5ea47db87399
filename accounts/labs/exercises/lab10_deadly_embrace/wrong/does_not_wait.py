"""crossing refutes it: "raised 55P03"

Who does not wait cannot deadlock, and does not do its work either.
"""

from django.db import transaction

from accounts.ledger import Reading, post, read
from accounts.models import Account, Bank, Transfer


def transfer(order: Transfer) -> None:
    with transaction.atomic():
        source = Account.objects.select_for_update(nowait=True).get(pk=order.source_id)
        target = Account.objects.select_for_update(nowait=True).get(pk=order.target_id)
        post(order, source, target)


def audit(bank: Bank) -> list[Reading]:
    with transaction.atomic():
        return [read(row) for row in bank.accounts.select_for_update().order_by("pk")]
