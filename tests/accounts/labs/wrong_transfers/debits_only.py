"""The money leaves, and does not arrive."""

from django.db import transaction
from django.db.models import F

from accounts.models import Account, Transfer


def transfer(order):
    with transaction.atomic():
        debited = Account.objects.filter(pk=order.source_id)
        debited.update(balance=F("balance") - order.amount, last_transfer=order.pk)
        order.end(Transfer.Status.APPLIED)
