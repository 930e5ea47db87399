"""Asks for the token, and goes on whether or not a row was changed."""

from django.db import transaction

from accounts.models import Account, Transfer


def transfer(order):
    with transaction.atomic():
        for pk, amount in sorted([(order.source_id, -order.amount), (order.target_id, order.amount)]):
            row = Account.objects.get(pk=pk)
            unchanged = Account.objects.filter(pk=pk, last_transfer=row.last_transfer)
            unchanged.update(balance=row.balance + amount, last_transfer=order.pk)
        order.end(Transfer.Status.APPLIED)
