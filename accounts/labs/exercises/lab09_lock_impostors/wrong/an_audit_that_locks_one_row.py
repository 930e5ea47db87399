"""audit_elsewhere refutes it: "an audit is torn"

first() locks the first row and no other; who has no part in that row does not wait.
"""

from django.db import transaction

from accounts.labs.exercises.lab09_lock_impostors.solution import LOCKS_NOTHING, transfer
from accounts.ledger import Reading, read
from accounts.models import Account, Bank

__all__ = ["LOCKS_NOTHING", "audit", "transfer"]


def audit(bank: Bank) -> list[Reading]:
    with transaction.atomic():
        bank.accounts.select_for_update().order_by("pk").first()
        return [read(Account.objects.get(pk=pk)) for pk in bank.account_pks]
