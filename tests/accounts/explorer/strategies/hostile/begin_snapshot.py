"""BEGIN says how to read."""

from django.db import connection

from accounts.ledger import read
from accounts.models import Account


def audit(bank):
    with connection.cursor() as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        readings = [read(Account.objects.get(pk=pk)) for pk in bank.account_pks]
        cursor.execute("COMMIT")
    return sum(reading.balance for reading in readings) + (readings[1].token is not None)
