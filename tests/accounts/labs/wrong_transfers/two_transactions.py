"""The debit is committed before the credit begins; each of them is right."""

from django.db import transaction
from django.db.models import F

from accounts.models import Account, Transfer


def change(order, pk, amount):
    with transaction.atomic():
        Account.objects.filter(pk=pk).update(balance=F("balance") + amount, last_transfer=order.pk)


def transfer(order):
    change(order, order.source_id, -order.amount)
    change(order, order.target_id, order.amount)
    order.end(Transfer.Status.APPLIED)
