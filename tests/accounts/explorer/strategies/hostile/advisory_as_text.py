"""One advisory lock, by a number and by its text."""

from django.db import connection, transaction

from accounts.ledger import post, read
from accounts.models import Account


def take(key):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])


def transfer(order):
    with transaction.atomic():
        take(order.bank_id)
        post(order, Account.objects.get(pk=order.source_id), Account.objects.get(pk=order.target_id))


def audit(bank):
    with transaction.atomic():
        take(str(bank.pk))
        return [read(Account.objects.get(pk=pk)) for pk in bank.account_pks]
