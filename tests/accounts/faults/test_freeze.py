"""A worker that stands still holds its locks; one that stands still for good is replaced."""

import pytest

from accounts.faults import freeze
from accounts.storms.launch import launch, private_cluster
from tests.support.clusters import assert_exactly_once, busy, follow, is_waiting_for_a_lock, rows_locked, small_storm
from tests.support.waiting import wait_until

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("known_processes", "short_patience"),
    pytest.mark.processes,
]


def test_stopped_worker_holds_locks_until_it_goes_on():
    storm = small_storm(worker_count=1)  # the one that waits for the rows is stopped
    with private_cluster(storm) as cluster:
        launch(storm, queue=cluster.queue)
        with rows_locked(storm):
            (worker,) = wait_until(lambda: [m for m in busy(cluster) if m.process.status() == "sleeping"])
            wait_until(lambda: is_waiting_for_a_lock(cluster.queue))
            stopped = freeze.stopped(worker)
            stopped.__enter__()
        wait_until(lambda: freeze.is_transaction_open(cluster.queue))  # it was given the rows, and does nothing
        stopped.__exit__(None, None, None)
        follow(storm, cluster)

    assert_exactly_once(storm)


@pytest.mark.thorough
def test_worker_that_is_stopped_for_good_is_replaced(monkeypatch):
    monkeypatch.setattr("accounts.storms.watchdog.FROZEN_S", 1)
    storm = small_storm()
    with private_cluster(storm) as cluster:
        launch(storm, queue=cluster.queue)
        with rows_locked(storm):
            wait_until(lambda: len(busy(cluster)) == 2 and is_waiting_for_a_lock(cluster.queue, 2))
            for worker in busy(cluster):
                worker.process.suspend()
        wait_until(lambda: freeze.is_transaction_open(cluster.queue))
        news = follow(storm, cluster)

    assert any("replaced" in said for said in news)
    assert_exactly_once(storm)
