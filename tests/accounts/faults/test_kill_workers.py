"""A killed worker's job is done by another worker, once."""

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from accounts.cluster.processes import Role
from accounts.faults import kill_workers
from accounts.storms.launch import launch, private_cluster
from tests.support.clusters import aim, assert_exactly_once, busy, follow, rows_locked, small_storm
from tests.support.waiting import wait_until

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("known_processes", "short_patience"),
    pytest.mark.processes,
]


def test_job_of_a_killed_worker_is_done_by_another():
    storm = small_storm(worker_count=1, transfer_count=20, audit_count=0)
    with private_cluster(storm) as cluster:
        launch(storm, queue=cluster.queue)
        with rows_locked(storm):
            (worker,) = wait_until(lambda: busy(cluster))
            what = kill_workers.inject(aim(storm, cluster, Role.BUSY))
        wait_until(lambda: not OrmQ.objects.filter(key=storm.queue, lock__lte=timezone.now()).exists())
        wait_until(lambda: cluster.members(Role.IDLE))
        pending = storm.transfers.filter(status="pending").count()  # django-q2 would deliver them again after `retry`
        news = follow(storm, cluster)

    assert what == f"SIGKILL of busy worker {worker.process.pid}"
    assert pending > 0
    assert any("queued anew" in said for said in news)
    assert_exactly_once(storm)


@pytest.mark.thorough
def test_cluster_that_hangs_because_an_idle_worker_was_killed_is_replaced():
    """The only worker is killed while it waits for a job: it dies holding the lock that its successor needs."""
    first, second = small_storm(worker_count=1), small_storm(worker_count=1)
    with private_cluster(first) as cluster:
        launch(first, queue=cluster.queue)
        assert follow(first, cluster) == []
        (worker,) = wait_until(lambda: cluster.members(Role.IDLE))
        wait_until(lambda: worker.process.status() == "sleeping")
        kill_workers.inject(aim(first, cluster))
        wait_until(lambda: [m for m in cluster.members(Role.IDLE) if m.process.pid != worker.process.pid])

        launch(second, queue=cluster.queue)
        news = follow(second, cluster)

    assert [said for said in news if said.startswith("Still no worker is at work: the workers were replaced")], news
    assert_exactly_once(second)
