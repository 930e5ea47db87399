"""REPEATABLE READ, and the first statement ends the transfer: that one takes the snapshot."""

from django.db import connection, transaction

from accounts.ledger import save
from accounts.models import Account, Transfer


def transfer(order):
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            cursor.execute(
                "UPDATE accounts_transfer SET status = 'applied', started_at = now() WHERE id = %s", [order.pk]
            )
        source = Account.objects.get(pk=order.source_id)
        target = Account.objects.get(pk=order.target_id)
        bases = {"source_based_on": source.last_transfer, "target_based_on": target.last_transfer}
        Transfer.objects.filter(pk=order.pk).update(**bases)
        source.balance -= order.amount
        target.balance += order.amount
        for account in sorted((source, target), key=lambda account: account.pk):
            save(order, account)
