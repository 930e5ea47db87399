"""Two statements in one string: the second one locks the table."""

from django.db import connection

from accounts.ledger import read
from accounts.models import Account


def audit(bank):
    Account.objects.filter(pk=bank.account_pks[0]).exists()
    with connection.cursor() as cursor:
        cursor.execute("BEGIN; LOCK TABLE accounts_account IN EXCLUSIVE MODE")
        readings = [read(Account.objects.get(pk=pk)) for pk in bank.account_pks]
        cursor.execute("COMMIT")
    return readings
