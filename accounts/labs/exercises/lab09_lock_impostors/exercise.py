"""The locks of lab 9: all of these say select_for_update. What do they lock?"""

from django.db import transaction
from django.db.models import Sum

from accounts.ledger import Reading, post, read
from accounts.models import Account, Bank, Transfer

WAYS = {
    "list": lambda accounts: list(accounts.select_for_update()),
    "queryset": lambda accounts: accounts.select_for_update(),
    "aggregate": lambda accounts: accounts.select_for_update().aggregate(Sum("balance")),
    "count": lambda accounts: accounts.select_for_update().count(),
    "exists": lambda accounts: accounts.select_for_update().exists(),
    "values": lambda accounts: list(accounts.select_for_update().values("balance")),
}

# TODO: which of these lock nothing? And what do the two below lock?
LOCKS_NOTHING = {"list"}


def transfer(order: Transfer) -> None:
    with transaction.atomic():
        order.accounts.select_for_update().order_by("pk")  # lock both
        rows = {row.pk: row for row in order.accounts}
        post(order, rows[order.source_id], rows[order.target_id])


def audit(bank: Bank) -> list[Reading]:
    with transaction.atomic():
        bank.accounts.select_for_update().aggregate(Sum("balance"))  # lock all
        return [read(Account.objects.get(pk=pk)) for pk in bank.account_pks]
