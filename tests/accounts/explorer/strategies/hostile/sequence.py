"""nextval counts across transactions and schedules."""

from django.db import connection, transaction

from accounts.ledger import post
from accounts.models import Account


def transfer(order):
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT nextval('accounts_bank_id_seq') - nextval('accounts_bank_id_seq')")
        post(order, Account.objects.get(pk=order.source_id), Account.objects.get(pk=order.target_id))
