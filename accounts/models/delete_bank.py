"""Takes a whole bank away: one that was opened for an exploration, a check or a soak, and is not to be kept."""

from typing import Any

from django.db import models, transaction

from accounts.models.audit import Audit
from accounts.models.bank import Account, Bank
from accounts.models.storm import Storm
from accounts.models.transfer import Transfer
from accounts.models.vote import Vote


def erase_bank(pk: int) -> None:
    """Delete a bank with its storm and all else that is in it, table by table: all of it goes, or nothing.

    Bank.delete() would look for each account through all transfers that there are.
    """
    with transaction.atomic():
        _delete(Vote.objects.filter(storm__bank=pk))
        for model in (Audit, Transfer, Storm, Account):
            _delete(model.objects.filter(bank=pk))
        _delete(Bank.objects.filter(pk=pk))


def _delete(rows: models.QuerySet[Any]) -> None:
    rows._raw_delete(rows.db)
