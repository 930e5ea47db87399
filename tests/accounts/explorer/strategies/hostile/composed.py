"""SQL that was composed by psycopg, and sent as bytes."""

from django.db import connection
from psycopg import sql

from accounts.ledger import Reading


def audit(bank):
    one, two = bank.account_pks
    query = sql.SQL("SELECT id, balance, last_transfer FROM {} WHERE id = %s").format(
        sql.Identifier("accounts_account")
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [one])
        first = Reading(*cursor.fetchone())
        cursor.execute(b"SELECT id, balance, last_transfer FROM accounts_account WHERE id = %s", [two])
        return [first, Reading(*cursor.fetchone())]
