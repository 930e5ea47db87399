"""Jobs that are delivered twice, at the same time and to two clusters, are done once."""

import pytest
from django_q.models import OrmQ

from accounts.cluster.processes import Role
from accounts.cluster.subprocesses import Cluster
from accounts.faults import freeze, redeliver
from accounts.storms.launch import launch
from tests.support.clusters import (
    Choosing,
    aim,
    assert_exactly_once,
    busy,
    follow,
    is_waiting_for_a_lock,
    rows_locked,
    small_storm,
)
from tests.support.waiting import wait_until

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("known_processes", "short_patience"),
    pytest.mark.processes,
]


class Outliving(Choosing):
    """Draws "the locks of taken jobs run out" where redeliver has the choice."""

    def random(self):
        return 0.0


def test_job_that_outlives_retry_is_done_once_by_two_clusters():
    """The first cluster's worker stands in the middle of the only job when the second cluster is given it too."""
    storm = small_storm(worker_count=1, transfer_count=10, audit_count=0, thread_count=10)
    queue = "private-shared-by-two"
    with Cluster(queue=queue, worker_count=1) as first, Cluster(queue=queue, worker_count=1) as second:
        launch(storm, queue=queue)
        with rows_locked(storm):
            taker = wait_until(lambda: next((cluster for cluster in (first, second) if busy(cluster)), None))
            (pusher,) = taker.members(Role.PUSHER)
            with freeze.stopped(pusher):  # or it might take the job for its own cluster again
                what = redeliver.inject(aim(storm, taker)._replace(draw=Outliving()))
                wait_until(lambda: is_waiting_for_a_lock(queue, 20))  # both have found all 10 pending
        follow(storm, first)

    assert what == "1 jobs delivered again"
    assert_exactly_once(storm)


def test_jobs_that_are_queued_twice_are_done_once():
    storm = small_storm()
    launch(storm, queue="private-twice")
    before = OrmQ.objects.filter(key=storm.queue).count()
    with Cluster(queue=storm.queue, worker_count=2) as cluster:
        target = aim(storm, cluster)._replace(draw=type("Never", (Choosing,), {"random": lambda self: 1.0})())
        redeliver.inject(target)
        after = OrmQ.objects.filter(key=storm.queue).count()
        follow(storm, cluster)

    assert after > before
    assert_exactly_once(storm)
