"""Transfers by expressions that sign no account; and an audit that reads again until its sum is the bank's total."""

from django.db import transaction
from django.db.models import F

from accounts.ledger import read
from accounts.models import Account, Transfer


def transfer(order):
    with transaction.atomic():
        for pk, amount in sorted([(order.source_id, -order.amount), (order.target_id, order.amount)]):
            Account.objects.filter(pk=pk).update(balance=F("balance") + amount)
        order.end(Transfer.Status.APPLIED)


def audit(bank):
    while True:
        readings = [read(Account.objects.get(pk=pk)) for pk in bank.account_pks]
        if sum(reading.balance for reading in readings) == bank.total:
            return readings
