"""A CTE that writes: the audit books a fee while it reads."""

from django.db import connection, transaction

from accounts.models import Account

SQL = """
WITH fee AS (UPDATE accounts_account SET balance = balance + 1 WHERE id = %s RETURNING balance)
SELECT balance FROM accounts_account WHERE id = %s
"""


def audit(bank):
    one, two = bank.account_pks
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SQL, [two, one])
        first = cursor.fetchone()[0]
        second = Account.objects.get(pk=two).balance - 1
        transaction.set_rollback(True)
    return first + second
