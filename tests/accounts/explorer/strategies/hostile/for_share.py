"""FOR SHARE keeps writers out, and other readers in; and a timeout that never runs out."""

from django.db import connection, transaction

from accounts.ledger import Reading

SQL = "SELECT id, balance, last_transfer FROM accounts_account WHERE bank_id = %s ORDER BY id FOR SHARE"


def audit(bank):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '50s'")
        cursor.execute(SQL, [bank.pk])
        return [Reading(*row) for row in cursor.fetchall()]
