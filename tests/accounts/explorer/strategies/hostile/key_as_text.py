"""The keys are text to Python, and the same numbers to PostgreSQL."""

from django.db import connection

from accounts.ledger import Reading


def audit(bank):
    with connection.cursor() as cursor:
        return [row(cursor, str(pk)) for pk in bank.account_pks]


def row(cursor, key):
    cursor.execute("SELECT id, balance, last_transfer FROM accounts_account WHERE id = %s", [key])
    return Reading(*cursor.fetchone())
