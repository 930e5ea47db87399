"""SERIALIZABLE without a retry: nothing is lost, somebody is refused."""

from django.db import connection, transaction

from accounts.ledger import post
from accounts.models import Account


def transfer(order):
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
        post(order, Account.objects.get(pk=order.source_id), Account.objects.get(pk=order.target_id))
