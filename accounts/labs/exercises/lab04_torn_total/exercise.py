"""The audit of lab 4 asks for one account after the other. Transfers lock their rows."""

from accounts.ledger import Reading, read
from accounts.models import Account, Bank


def audit(bank: Bank) -> list[Reading]:
    # TODO: each reading is right. And their sum?
    readings = []
    for pk in bank.account_pks:
        account = Account.objects.get(pk=pk)
        readings.append(read(account))
    return readings
