"""The table goes by another spelling of its name."""

from django.db import connection

from accounts.ledger import Reading


def audit(bank):
    with connection.cursor() as cursor:
        return [row(cursor, pk) for pk in bank.account_pks]


def row(cursor, pk):
    cursor.execute("SELECT id, balance, last_transfer FROM Accounts_Account WHERE id = %s", [pk])
    return Reading(*cursor.fetchone())
