"""Who is at work on a storm."""

import pytest
from django.db import OperationalError, connection

from accounts.storms import active_workers
from tests.support.storms import launched_storm

pytestmark = pytest.mark.django_db(transaction=True)


def test_connection_that_was_lost_is_at_work_no_more():
    storm = launched_storm()

    with pytest.raises(OperationalError), active_workers.at_work(storm.pk), connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    assert active_workers.count_at_work(storm.pk) == 0
