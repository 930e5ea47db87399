"""Every row that counts is locked, in order, before it is read: both joint rows, though only one is written."""

from django.db import transaction
from django.db.models import Q

from accounts.labs.exercises.lab12_write_skew.exercise import JOINT, LIMIT
from accounts.ledger import post
from accounts.models import Account, Transfer


def transfer(order: Transfer) -> None:
    with transaction.atomic():  # READ COMMITTED: who had to wait reads the rows as they are now
        rows = {row.pk: row for row in lock(order)}
        withdrawn = sum(row.opening_balance - row.balance for row in rows.values() if row.number in JOINT)
        if withdrawn + order.amount > LIMIT:
            order.end(Transfer.Status.REFUSED)
            return
        post(order, rows[order.source_id], rows[order.target_id])


def lock(order: Transfer) -> list[Account]:
    needed = Q(number__in=JOINT) | Q(pk=order.target_id)
    return list(Account.objects.filter(needed, bank=order.bank_id).select_for_update().order_by("pk"))
