"""audit refutes it: "an audit is torn"

The sum is asked for with select_for_update(), and Django drops the FOR UPDATE without a word.
"""

from django.db import transaction
from django.db.models import Sum

from accounts.labs.exercises.lab09_lock_impostors.solution import LOCKS_NOTHING, transfer
from accounts.ledger import Reading, read
from accounts.models import Account, Bank

__all__ = ["LOCKS_NOTHING", "audit", "transfer"]


def audit(bank: Bank) -> list[Reading]:
    with transaction.atomic():
        bank.accounts.select_for_update().aggregate(Sum("balance"))
        return [read(Account.objects.get(pk=pk)) for pk in bank.account_pks]
