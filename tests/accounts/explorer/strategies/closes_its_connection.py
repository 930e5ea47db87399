"""Row locks; and the connection is closed at the end, as it is in a thread of one's own."""

from django.db import connection

from accounts.strategies import row_lock


def transfer(order):
    row_lock.transfer(order)
    connection.close()
