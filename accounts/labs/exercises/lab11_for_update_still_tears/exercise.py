"""The audit of lab 11 locks every account that there is. Then one more is opened."""

from django.db import transaction

from accounts.ledger import Reading, post, read
from accounts.models import Bank


def open_account(bank: Bank, payer: int, amount: int) -> None:
    """Open account 4, and pay the amount into it from the account whose primary key is `payer`."""
    with transaction.atomic():
        source = bank.accounts.select_for_update().get(pk=payer)
        target = bank.accounts.create(number=4, opening_balance=0, balance=0)
        order = bank.transfers.create(source=source, target=target, amount=amount)
        post(order, source, target)


def audit(bank: Bank) -> list[Reading]:
    with transaction.atomic():
        # TODO: every row is locked. Is this whole?
        return [read(account) for account in bank.accounts.select_for_update().order_by("pk")]
