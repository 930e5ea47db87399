"""whole refutes it: "SET TRANSACTION ISOLATION LEVEL must be called before any query"

The level is set when the snapshot of the first SELECT is there already: PostgreSQL refuses.
"""

from django.db import transaction

from accounts.db.isolation import set_isolation_level
from accounts.ledger import Reading, read
from accounts.models import Account, Bank


def audit(bank: Bank) -> list[Reading]:
    with transaction.atomic():
        pks = list(bank.accounts.order_by("pk").values_list("pk", flat=True))
        set_isolation_level("REPEATABLE READ")
        return [read(Account.objects.get(pk=pk)) for pk in pks]
