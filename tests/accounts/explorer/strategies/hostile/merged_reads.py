"""An UPDATE of a transfer that carries a balance away with it."""

from django.db import connection

from accounts.models import Account

SQL = """
UPDATE accounts_transfer SET reason = (SELECT balance::text FROM accounts_account WHERE id = %s)
WHERE bank_id = %s RETURNING reason
"""


def audit(bank):
    one, two = bank.account_pks
    first = Account.objects.get(pk=one).balance
    with connection.cursor() as cursor:
        cursor.execute(SQL, [two, bank.pk])
        return first + int(cursor.fetchone()[0])
