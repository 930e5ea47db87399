"""executemany, and rows that are locked in no order."""

from django.db import connection, transaction

from accounts.ledger import read
from accounts.models import Account


def audit(bank):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE accounts_account SET balance = balance WHERE id = %s", [[pk] for pk in reversed(bank.account_pks)]
        )
        return [read(Account.objects.get(pk=pk)) for pk in bank.account_pks]
