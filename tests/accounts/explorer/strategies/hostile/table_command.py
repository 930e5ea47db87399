"""TABLE is a SELECT without the word."""

from django.db import connection

from accounts.ledger import Reading, read
from accounts.models import Account


def audit(bank):
    with connection.cursor() as cursor:
        cursor.execute("TABLE accounts_account")
        names = [column.name for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    first = next(row for row in rows if row["id"] == bank.account_pks[0])
    return [Reading(first["id"], first["balance"], first["last_transfer"]), read(Account.objects.get(number=2))]
