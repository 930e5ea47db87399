"""The audit moves a number that must be unique, out of the way and back."""

from django.db import transaction

from accounts.ledger import post, read
from accounts.models import Account


def audit(bank):
    one, two = bank.account_pks
    with transaction.atomic():
        Account.objects.filter(pk=one).update(number=7)
        first = read(Account.objects.get(number=7, bank_id=bank.pk))
        Account.objects.filter(pk=one).update(number=1)
    return [first, read(Account.objects.get(pk=two))]


def transfer(order):
    with transaction.atomic():
        Account.objects.filter(pk=order.target_id).update(number=7)
        post(order, Account.objects.get(pk=order.source_id), Account.objects.get(pk=order.target_id))
        Account.objects.filter(pk=order.target_id).update(number=2)
