"""with_token refutes it: "no UPDATE finds that another transfer was faster"

No other transfer comes between, because all wait for one lock; the token is asked for, and never says no.
"""

from django.db import connection, transaction

from accounts.labs.exercises.lab07_lost_update.solution import with_expression, with_lock
from accounts.models import Account, Transfer

__all__ = ["with_expression", "with_lock", "with_token"]


def with_token(order: Transfer) -> None:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(7)")
        for pk, amount in ((order.source_id, -order.amount), (order.target_id, order.amount)):
            row = Account.objects.get(pk=pk)
            unchanged = Account.objects.filter(pk=pk, last_transfer=row.last_transfer)
            unchanged.update(balance=row.balance + amount, last_transfer=order.pk)
        order.end(Transfer.Status.APPLIED)
