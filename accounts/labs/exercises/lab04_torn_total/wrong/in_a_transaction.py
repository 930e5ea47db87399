"""whole refutes it: "an audit is torn"

At READ COMMITTED a transaction is not a snapshot: its second statement sees what was committed after its first.
"""

from django.db import transaction

from accounts.ledger import Reading, read
from accounts.models import Account, Bank


def audit(bank: Bank) -> list[Reading]:
    with transaction.atomic():
        return [read(Account.objects.get(pk=pk)) for pk in bank.account_pks]
