"""Conditional updates: the new balance is an expression, and the condition is part of the UPDATE. Right everywhere.

No lock is asked for: an UPDATE locks its row by itself, and computes the expression from the row as it is then, not as
it was read before. The check for enough money is in its WHERE, so no other transfer can come between check and change.
Rows are updated in primary-key order, against deadlocks.
Cost: two short statements; only those wait that share an account.
(PostgreSQL documentation: 13.2.1 Read Committed Isolation Level; Django: "Avoiding race conditions using F()".)
"""

from django.db import transaction
from django.db.models import F

from accounts.db.contention import waiting
from accounts.ledger import apply_replacing, refuse
from accounts.models import Account, Transfer
from accounts.strategies.shared.promises import Among

TRANSFERS_HOLD = Among.EVERYONE
TEACHING_ORDER = 90


def transfer(order: Transfer) -> None:
    with transaction.atomic(durable=True):
        if all(add(order, pk, amount) for pk, amount in in_order(order)):
            apply_replacing(order)
            return
        transaction.set_rollback(True)
    refuse(order, Account.objects.get(pk=order.source_id))


def in_order(order: Transfer) -> list[tuple[int, int]]:
    """Both accounts' primary keys, and what is to be added to each."""
    return sorted([(order.source_id, -order.amount), (order.target_id, order.amount)])


def add(order: Transfer, pk: int, amount: int) -> bool:
    """Add to a balance, unless it would fall below 0; return whether it was done."""
    with waiting():
        return bool(
            Account.objects.filter(pk=pk, balance__gte=-amount).update(
                balance=F("balance") + amount,
                replaced_transfer=F("last_transfer"),  # how the evidence learns what an expression replaced
                last_transfer=order.pk,
            )
        )
