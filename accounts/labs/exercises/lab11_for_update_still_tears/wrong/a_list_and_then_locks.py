"""opening refutes it: "an audit is torn"

First the list of the accounts, then a lock on all of them: what is opened in between is on no list.
"""

from django.db import transaction

from accounts.labs.exercises.lab11_for_update_still_tears.exercise import open_account
from accounts.ledger import Reading, read
from accounts.models import Bank

__all__ = ["audit", "open_account"]


def audit(bank: Bank) -> list[Reading]:
    with transaction.atomic():
        pks = list(bank.accounts.values_list("pk", flat=True))
        return [read(account) for account in bank.accounts.filter(pk__in=pks).select_for_update().order_by("pk")]
