"""on_and_on refutes it: "an account ends with the wrong balance"

Only the source is locked: enough for two transfers from one account, and not for one that brings what another takes.
"""

from django.db import transaction

from accounts.ledger import Reading, post, read
from accounts.models import Account, Bank, Transfer


def transfer(order: Transfer) -> None:
    with transaction.atomic():
        source = Account.objects.select_for_update().get(pk=order.source_id)
        post(order, source, Account.objects.get(pk=order.target_id))


def audit(bank: Bank) -> list[Reading]:
    return [read(account) for account in bank.accounts.order_by("pk")]
