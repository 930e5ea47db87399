"""A prepared statement would still be there in the next schedule."""

from django.db import connection

from accounts.ledger import Reading


def audit(bank):
    with connection.cursor() as cursor:
        cursor.execute("PREPARE everything AS SELECT id, balance, last_transfer FROM accounts_account ORDER BY id")
        cursor.execute("EXECUTE everything")
        return [Reading(*row) for row in cursor.fetchall() if row[0] in bank.account_pks]
