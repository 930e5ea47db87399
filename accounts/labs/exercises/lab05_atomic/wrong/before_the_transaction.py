"""whole refutes it: "an audit is torn"

Outside a transaction, SET TRANSACTION changes nothing: PostgreSQL only warns, in a log that is not read.
"""

from django.db import transaction

from accounts.db.isolation import set_isolation_level
from accounts.ledger import Reading, read
from accounts.models import Account, Bank


def audit(bank: Bank) -> list[Reading]:
    set_isolation_level("REPEATABLE READ")
    with transaction.atomic():
        return [read(Account.objects.get(pk=pk)) for pk in bank.account_pks]
