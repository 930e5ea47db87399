"""whole refutes it: "an audit is torn"

durable=True says that this is the outermost block; the level is as it was.
"""

from django.db import transaction

from accounts.ledger import Reading, read
from accounts.models import Account, Bank


def audit(bank: Bank) -> list[Reading]:
    with transaction.atomic(durable=True):
        return [read(Account.objects.get(pk=pk)) for pk in bank.account_pks]
