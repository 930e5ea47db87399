"""What the queue costs."""

import pytest

from accounts.management.benchmarks import queue

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]


@pytest.mark.thorough
def test_the_queue_s_share_is_measured():
    rows = queue.measure_queue(rounds=1)

    assert [(row["name"], row["unit"]) for row in rows] == [
        ("jobs that do nothing", "jobs/s"),
        ("launch to first execution", "ms"),
        ("queue's share at the default job size (row_lock)", "%"),
        ("the same, of the processor time", "%"),
        ("planning and queueing 20 transfers", "s"),
        ("the same, in units of running them", "%"),
    ]
    assert [row["name"] for row in rows if row["goal"]] == [
        "queue's share at the default job size (row_lock)",
        "planning and queueing 20 transfers",
    ]
    assert all(row["value"] > 0 for row in rows[:2])  # the shares are small, and may be noise
