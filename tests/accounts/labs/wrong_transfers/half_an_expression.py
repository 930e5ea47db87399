"""The source by an expression, the target as it was read."""

from django.db import transaction
from django.db.models import F

from accounts.models import Account, Transfer


def transfer(order):
    with transaction.atomic():
        target = Account.objects.get(pk=order.target_id)
        Account.objects.filter(pk=order.source_id).update(balance=F("balance") - order.amount, last_transfer=order.pk)
        Account.objects.filter(pk=target.pk).update(balance=target.balance + order.amount, last_transfer=order.pk)
        order.end(Transfer.Status.APPLIED)
