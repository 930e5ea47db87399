"""LISTEN and NOTIFY: a lock of its own at COMMIT, and a channel that stays open."""

from django.db import connection, transaction

from accounts.ledger import post
from accounts.models import Account


def transfer(order):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LISTEN moved")
        cursor.execute("NOTIFY moved")
        post(order, Account.objects.get(pk=order.source_id), Account.objects.get(pk=order.target_id))
