"""LOCK TABLE in its default mode, ACCESS EXCLUSIVE: nobody else can even read the table, until COMMIT."""

from django.db import connection, transaction

from accounts.ledger import post, read
from accounts.models import Account


def lock_table():
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE accounts_account")


def transfer(order):
    with transaction.atomic():
        lock_table()
        post(order, Account.objects.get(pk=order.source_id), Account.objects.get(pk=order.target_id))


def audit(bank):
    with transaction.atomic():
        lock_table()
        return [read(Account.objects.get(pk=pk)) for pk in bank.account_pks]
