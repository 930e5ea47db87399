"""An audit that waits until it can be sure of its snapshot: SERIALIZABLE READ ONLY DEFERRABLE."""

from django.db import connection, transaction

from accounts.ledger import post, read
from accounts.models import Account


def transfer(order):
    with transaction.atomic(durable=True):
        connection.cursor().execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
        source = Account.objects.get(pk=order.source_id)
        target = Account.objects.get(pk=order.target_id)
        post(order, source, target)


def audit(bank):
    with transaction.atomic(durable=True):
        connection.cursor().execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE")
        return [read(Account.objects.get(pk=pk)) for pk in bank.account_pks]
