"""Three transfers that never lose an update: a lock, an expression, a token."""

from django.db import transaction
from django.db.models import F

from accounts.ledger import apply_replacing, post
from accounts.models import Account, Transfer


def with_lock(order: Transfer) -> None:
    with transaction.atomic():
        rows = {row.pk: row for row in order.accounts.select_for_update().order_by("pk")}
        post(order, rows[order.source_id], rows[order.target_id])


def with_expression(order: Transfer) -> None:
    with transaction.atomic():
        for pk, amount in sorted([(order.source_id, -order.amount), (order.target_id, order.amount)]):
            Account.objects.filter(pk=pk).update(
                balance=F("balance") + amount, replaced_transfer=F("last_transfer"), last_transfer=order.pk
            )
        apply_replacing(order)  # as order.end(), but it also notes what was replaced, for the evidence


class Conflict(Exception):
    """Somebody was faster."""


def with_token(order: Transfer) -> None:
    for _ in range(100):
        try:
            with transaction.atomic():
                rows = {row.pk: row for row in order.accounts}
                post(order, rows[order.source_id], rows[order.target_id], write=write_if_unchanged)
            return
        except Conflict:
            continue
    raise Conflict("Somebody was faster, 100 times.")


def write_if_unchanged(order: Transfer, account: Account) -> None:
    unchanged = Account.objects.filter(pk=account.pk, last_transfer=account.last_transfer)
    if not unchanged.update(balance=account.balance, last_transfer=order.pk):
        raise Conflict
