"""What the queue costs."""

import pytest

from accounts.management.benchmarks import queue

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]


def test_the_queue_s_share_is_measured():
    rows = queue.measure_queue(rounds=1)

    assert {row["unit"] for row in rows} == {"jobs/s", "ms", "%", "s"}
