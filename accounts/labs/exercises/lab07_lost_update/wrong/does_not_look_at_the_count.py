"""with_token refutes it: "an account ends with the wrong balance"

The WHERE asks for the token, and the count of changed rows is ignored: the transfer is applied, and nothing moved.
"""

from django.db import transaction

from accounts.labs.exercises.lab07_lost_update.solution import with_expression, with_lock
from accounts.ledger import post
from accounts.models import Account, Transfer

__all__ = ["with_expression", "with_lock", "with_token"]


def with_token(order: Transfer) -> None:
    with transaction.atomic():
        rows = {row.pk: row for row in order.accounts}
        post(order, rows[order.source_id], rows[order.target_id], write=write_if_unchanged)


def write_if_unchanged(order: Transfer, account: Account) -> None:
    unchanged = Account.objects.filter(pk=account.pk, last_transfer=account.last_transfer)
    unchanged.update(balance=account.balance, last_transfer=order.pk)
