"""A comment hides the key that is looked for, and the line after it looks for another."""

from django.db import connection

from accounts.ledger import Reading


def audit(bank):
    with connection.cursor() as cursor:
        return [row(cursor, pk) for pk in bank.account_pks]


def row(cursor, pk):
    cursor.execute("SELECT id, balance, last_transfer FROM accounts_account WHERE id = -- id = 1\n 0 + %s", [pk])
    return Reading(*cursor.fetchone())
