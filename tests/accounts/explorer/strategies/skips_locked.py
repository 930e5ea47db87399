"""An audit that leaves out the rows that somebody holds, instead of waiting for them."""

from django.db import transaction

from accounts.ledger import read


def audit(bank):
    with transaction.atomic(durable=True):
        return [read(row) for row in bank.accounts.select_for_update(skip_locked=True).order_by("pk")]
