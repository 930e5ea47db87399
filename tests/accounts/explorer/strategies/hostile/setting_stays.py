"""A setting would still be there in the next schedule."""

from django.db import connection

from accounts.ledger import read


def audit(bank):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('bank.seen', true)")
        if cursor.fetchone()[0]:
            return 0
        cursor.execute("SELECT set_config('bank.seen', 'yes', false)")
    return [read(row) for row in bank.accounts.order_by("pk")]
