"""A cursor that is declared and fetched by hand reads from the moment of its declaration."""

from django.db import connection, transaction

from accounts.ledger import Reading


def audit(bank):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"DECLARE rows CURSOR FOR SELECT id, balance, last_transfer FROM accounts_account "
            f"WHERE bank_id = {bank.pk} ORDER BY id"
        )
        cursor.execute("FETCH 1 FROM rows")
        first = Reading(*cursor.fetchone())
        cursor.execute("FETCH 1 FROM rows")
        return [first, Reading(*cursor.fetchone())]
