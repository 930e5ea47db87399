"""Jobs that come twice, at the same time and on two clusters, or not at all."""

import os
import shutil
import subprocess
import sys

import psutil
import pytest
from django.conf import settings
from django.db import connection
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from accounts.cluster.processes import Role
from accounts.cluster.subprocesses import Cluster
from accounts.faults import freeze, redeliver
from accounts.models import Storm
from accounts.storms import workload
from accounts.storms.launch import launch, launch_in_a_row
from accounts.storms.lifecycle import run_job
from accounts.storms.queue import enqueue_again
from tests.accounts.cluster.test_machines import free_port
from tests.accounts.faults.conftest import (  # noqa: F401 (fixtures)
    Choosing,
    _needs_titles,
    _short_patience,
    aim,
    assert_exactly_once,
    busy,
    follow,
    is_waiting_for_a_lock,
    plan,
    rows_locked,
    wait_until,
)
from tests.reports import a_report

pytestmark = pytest.mark.django_db(transaction=True)


class Outliving(Choosing):
    """Draws "the locks of taken jobs run out" where redeliver has the choice."""

    def random(self):
        return 0.0


def test_job_that_outlives_retry_is_done_once_by_two_clusters():
    """The first cluster's worker stands in the middle of the only job when the second cluster is given it too."""
    storm = plan(worker_count=1, transfer_count=10, audit_count=0, thread_count=10)
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
    storm = plan()
    launch(storm, queue="private-twice")
    before = OrmQ.objects.filter(key=storm.queue).count()
    with Cluster(queue=storm.queue, worker_count=2) as cluster:
        target = aim(storm, cluster)._replace(draw=type("Never", (Choosing,), {"random": lambda self: 1.0})())
        redeliver.inject(target)
        after = OrmQ.objects.filter(key=storm.queue).count()
        follow(storm, cluster)

    assert after > before
    assert_exactly_once(storm)


def test_jobs_that_vanished_from_the_queue_are_queued_anew():
    """As after `max_attempts`, when django-q2 drops a job without a word."""
    storm = plan()
    launch(storm, queue="private-vanished")
    OrmQ.objects.filter(key=storm.queue).delete()
    with Cluster(queue=storm.queue, worker_count=2) as cluster:
        news = follow(storm, cluster)

    assert news == ["Nobody has worked for 0.5 s: 44 operations were queued anew."]
    assert_exactly_once(storm)


def test_storm_that_lost_only_its_end_is_judged():
    storm = plan(audit_count=0)
    launch(storm, queue="private-judge")
    storm.transfers.update(status="refused")

    assert enqueue_again(storm) == 0
    run_queued(storm.queue)

    storm.refresh_from_db()
    assert storm.state == Storm.State.FINISHED
    assert not OrmQ.objects.filter(key=storm.queue).exists()


def test_storm_whose_worker_died_before_it_started_the_next_one_starts_it():
    first, following = plan(audit_count=0), plan(audit_count=0)
    launch_in_a_row([first, following], queue="private-row")
    first.transfers.update(status="refused")
    Storm.objects.filter(pk=first.pk).update(state=Storm.State.FINISHED, report=a_report())

    enqueue_again(first)
    run_queued(first.queue, at_most=1)

    following.refresh_from_db()
    assert following.state == Storm.State.RUNNING


def run_queued(queue: str, at_most: int = 100) -> None:
    """What a worker would do with the jobs that are in the queue."""
    for row in OrmQ.objects.filter(key=queue)[:at_most]:
        row.delete()
        run_job(*SignedPackage.loads(row.payload)["args"])


def test_queueing_anew_leaves_the_jobs_of_other_storms_alone():
    mine, other = plan(), plan()
    for storm in (mine, other):
        launch(storm, queue="bank")
    count = OrmQ.objects.filter(key="bank").count()

    enqueue_again(mine)

    assert OrmQ.objects.filter(key="bank").count() == count


def test_plan_of_audits_only_cuts_them_into_jobs():
    jobs = workload.plan_jobs(transfer_count=0, audit_count=120, worker_count=4, thread_count=1)

    assert [len(job.audits) for job in jobs] == [40, 40, 40]
    assert not any(job.transfers for job in jobs)


@pytest.mark.skipif(not shutil.which("redis-server"), reason="There is no redis-server on this machine.")
def test_job_that_died_with_its_worker_is_not_lost_in_redis(tmp_path):
    """Redis forgets a job when it hands it out: only our own tables know that it was not done."""
    pytest.importorskip("redis", reason="The package redis is not installed: pip install redis.")
    port = str(free_port())
    redis = subprocess.Popen(
        ["redis-server", "--port", port, "--save", "", "--dir", tmp_path], stdout=subprocess.DEVNULL
    )
    command = subprocess.Popen(
        [sys.executable, settings.BASE_DIR / "manage.py", "storm", "--transfers", "100", "--workers", "2", "--json"],
        env=os.environ
        | {"BANK_DATABASE_NAME": connection.settings_dict["NAME"], "REDIS_URL": f"redis://127.0.0.1:{port}/0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        storm = wait_until(lambda: Storm.objects.filter(transfers__status="applied").first())
        with rows_locked(storm):
            worker = wait_until(lambda: busy_child(command.pid))
            worker.kill()
        _out, err = command.communicate(timeout=100)
    finally:
        command.kill()
        redis.terminate()
        redis.wait()

    assert command.returncode == 0, err
    assert "operations were queued anew" in err
    assert_exactly_once(storm)


def busy_child(pid: int):
    children = psutil.Process(pid).children(recursive=True)
    return next((child for child in children if " processing " in " ".join(child.cmdline())), None)
