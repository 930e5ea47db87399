"""One SELECT, and so whole; but the advisory lock is never let go, and every other worker waits for ever."""

from django.db import connection

from accounts.ledger import read


def audit(bank):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [bank.pk])
    return [read(account) for account in bank.accounts.order_by("pk")]
