"""A lower-case subquery among the columns reads the other row."""

from django.db import connection

from accounts.models import Account

SQL = "SELECT balance, (select balance from accounts_account a where a.id = %s) FROM accounts_account WHERE id = %s"


def audit(bank):
    one, two, three = bank.account_pks
    with connection.cursor() as cursor:
        cursor.execute(SQL, [two, one])
        return sum(cursor.fetchone()) + Account.objects.get(pk=three).balance
