"""Transfers by expressions, signed and recorded; and an audit that reads again until its sum is the bank's total."""

from accounts.ledger import read
from accounts.models import Account
from accounts.strategies.conditional_update import transfer

__all__ = ["audit", "transfer"]


def audit(bank):
    while True:
        readings = [read(Account.objects.get(pk=pk)) for pk in bank.account_pks]
        if sum(reading.balance for reading in readings) == bank.total:
            return readings
