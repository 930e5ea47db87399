"""Reads twice, again and again, until both sums are the same."""

from accounts.ledger import read
from accounts.models import Account


def look(bank):
    return [read(Account.objects.get(pk=pk)) for pk in bank.account_pks]


def audit(bank):
    while True:
        first, second = look(bank), look(bank)
        if sum(reading.balance for reading in first) == sum(reading.balance for reading in second):
            return second
