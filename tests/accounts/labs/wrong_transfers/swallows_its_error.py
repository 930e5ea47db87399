"""An overdraft that the database refuses, and the customer is not told."""

from django.db import IntegrityError, transaction

from accounts.models import Account


def transfer(order):
    try:
        with transaction.atomic():
            Account.objects.filter(pk=order.source_id).update(balance=-order.amount)
    except IntegrityError:
        pass
