"""A temporary table would still be there in the next schedule."""

from django.db import connection

from accounts.ledger import Reading


def audit(bank):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE seen AS SELECT id, balance, last_transfer FROM accounts_account")
        cursor.execute("SELECT id, balance, last_transfer FROM seen WHERE id IN (%s, %s) ORDER BY id", bank.account_pks)
        return [Reading(*row) for row in cursor.fetchall()]
