"""A lower-case OR reads more than the row that is named."""

from django.db import connection

from accounts.ledger import Reading, read
from accounts.models import Account

SQL = "SELECT id, balance, last_transfer FROM accounts_account WHERE id = %s or id = %s ORDER BY id"


def audit(bank):
    one, two, three = bank.account_pks
    with connection.cursor() as cursor:
        cursor.execute(SQL, [one, two])
        return [*(Reading(*row) for row in cursor.fetchall()), read(Account.objects.get(pk=three))]
