"""Read, change and save in one transaction, as in no_lock; but no account is signed, and nothing is recorded."""

from django.db import transaction

from accounts.models import Account, Transfer


def transfer(order):
    with transaction.atomic(durable=True):
        source = Account.objects.get(pk=order.source_id)
        target = Account.objects.get(pk=order.target_id)
        order.end(Transfer.Status.APPLIED)
        for account, balance in sorted(
            [(source.pk, source.balance - order.amount), (target.pk, target.balance + order.amount)]
        ):
            Account.objects.filter(pk=account).update(balance=balance)
