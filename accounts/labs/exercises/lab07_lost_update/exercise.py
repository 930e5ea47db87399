"""Read, subtract, save: the transfer of lab 7, and three other ways to write it."""

from django.db import transaction

from accounts.ledger import post
from accounts.models import Account, Transfer


def transfer(order: Transfer) -> None:
    with transaction.atomic():
        source = Account.objects.get(pk=order.source_id)
        target = Account.objects.get(pk=order.target_id)
        post(order, source, target)  # subtracts and adds in Python, and saves both


# TODO: write these three.


def with_lock(order: Transfer) -> None:
    """Both rows are locked before they are read."""
    transfer(order)


def with_expression(order: Transfer) -> None:
    """The database computes: no balance is read. (End it with order.end(Transfer.Status.APPLIED).)"""
    transfer(order)


def with_token(order: Transfer) -> None:
    """No lock is asked for: a row is written only if its last_transfer is still the one that was read."""
    transfer(order)
