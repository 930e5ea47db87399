"""Row locks and a Python lock, in another order than its audit: neither Python nor PostgreSQL sees the circle."""

import threading

from django.db import transaction

from accounts.ledger import post, read

LOCK = threading.Lock()


def transfer(order):
    with transaction.atomic(durable=True):
        rows = {row.pk: row for row in order.accounts.select_for_update().order_by("pk")}
        with LOCK:
            post(order, rows[order.source_id], rows[order.target_id])


def audit(bank):
    with LOCK, transaction.atomic(durable=True):
        return [read(row) for row in bank.accounts.select_for_update().order_by("pk")]
