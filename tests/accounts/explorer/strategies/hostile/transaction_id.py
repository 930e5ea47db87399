"""A system column shows a lock that is not committed."""

from django.db import connection

from accounts.ledger import read
from accounts.models import Account


def audit(bank):
    _one, two = bank.account_pks
    with connection.cursor() as cursor:
        cursor.execute("SELECT xmax::text FROM accounts_account WHERE id = %s", [two])
        is_held = cursor.fetchone()[0] != "0"
    readings = [read(Account.objects.get(pk=pk)) for pk in bank.account_pks]
    return sum(reading.balance for reading in readings) + is_held
