"""The UPDATE of one row takes its value from another one."""

from django.db import connection, transaction

from accounts.models import Account

SQL = """
UPDATE accounts_account SET opening_balance = o.balance FROM accounts_account AS o
WHERE "accounts_account"."id" = %s AND o.id = 0 + %s
"""


def audit(bank):
    one, two, three = bank.account_pks
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(" ".join(SQL.split()), [one, two])
        cursor.execute("SELECT opening_balance FROM accounts_account WHERE id = %s", [one])
        second = cursor.fetchone()[0]
        total = Account.objects.get(pk=one).balance + second + Account.objects.get(pk=three).balance
        transaction.set_rollback(True)
    return total
