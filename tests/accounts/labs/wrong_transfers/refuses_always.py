"""Refuses what there is enough money for."""

from accounts.models import Transfer


def transfer(order):
    order.end(Transfer.Status.REFUSED, reason="Not today.")
