"""threads refutes it: "an account ends with the wrong balance"

A lock in the database, where everybody sees it; and it is unlocked by hand, a moment before COMMIT.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from accounts.ledger import Reading, post, read
from accounts.models import Account, Bank, Transfer


@contextmanager
def lock(bank_id: int) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [bank_id])
        yield
        cursor.execute("SELECT pg_advisory_unlock(%s)", [bank_id])


def transfer(order: Transfer) -> None:
    with transaction.atomic(), lock(order.bank_id):
        source = Account.objects.get(pk=order.source_id)
        target = Account.objects.get(pk=order.target_id)
        post(order, source, target)


def audit(bank: Bank) -> list[Reading]:
    with transaction.atomic(), lock(bank.pk):
        return [read(Account.objects.get(pk=pk)) for pk in bank.account_pks]
