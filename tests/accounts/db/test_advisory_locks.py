"""Who holds an advisory lock, as other connections see it."""

import pytest
from django.db import connection

from accounts.db.advisory_locks import count_holders
from tests.support.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

NUMBERS = (44_599, 2**31 - 1)  # of no lock of ours


def test_each_holder_counts_and_one_who_was_refused_does_not():
    others = [connection.copy() for _ in range(2)]
    try:
        for other in others:
            with other.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_lock_shared(%s, %s)", NUMBERS)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", NUMBERS)

        assert count_holders(*NUMBERS) == 2
    finally:
        for other in others:
            other.close()


def test_lock_is_free_when_its_connection_is_closed():
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", NUMBERS)
    assert count_holders(*NUMBERS) == 1

    other.close()

    wait_until(lambda: count_holders(*NUMBERS) == 0)  # the server notices it a moment later
