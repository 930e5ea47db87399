"""REPEATABLE READ: all statements of the audit see the same moment."""

from django.db import connection, transaction

from accounts.ledger import read
from accounts.models import Account


def audit(bank):
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        return [read(Account.objects.get(pk=pk)) for pk in bank.account_pks]
