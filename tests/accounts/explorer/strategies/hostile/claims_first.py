"""Every transfer writes all transfers first, and so waits before it has taken any other step."""

from django.db import transaction

from accounts.ledger import post
from accounts.models import Account, Transfer


def transfer(order):
    with transaction.atomic():
        Transfer.objects.filter(bank_id=order.bank_id).update(reason="claimed")
        post(order, Account.objects.get(pk=order.source_id), Account.objects.get(pk=order.target_id))
