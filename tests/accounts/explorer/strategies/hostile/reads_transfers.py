"""The audit looks at the transfers first."""

from accounts.ledger import read
from accounts.models import Account, Transfer


def audit(bank):
    applied = Transfer.objects.filter(bank_id=bank.pk, status="applied").count()
    readings = [read(Account.objects.get(pk=pk)) for pk in bank.account_pks]
    return readings if applied else sum(reading.balance for reading in readings) + 1000
