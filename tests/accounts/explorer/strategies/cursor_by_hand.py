"""An audit that declares a cursor and fetches its rows one by one: all of them as they were at the DECLARE."""

from django.db import connection, transaction

from accounts.ledger import Reading


def audit(bank):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "DECLARE mine NO SCROLL CURSOR FOR SELECT id, balance, last_transfer FROM accounts_account "
            "WHERE bank_id = %s ORDER BY id",
            [bank.pk],
        )
        readings = []
        while True:
            cursor.execute("FETCH 1 FROM mine")
            rows = cursor.fetchall()
            if not rows:
                return readings
            readings += [Reading(*row) for row in rows]
