"""Jobs that vanished from the queue are queued anew, and no others."""

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

from accounts.cluster.subprocesses import Cluster
from accounts.errors import BankError
from accounts.models import Storm
from accounts.storms import queue
from accounts.storms.background_launch import launch_in_a_row
from accounts.storms.launch import launch
from accounts.storms.lifecycle import end_storm, run_job
from accounts.storms.queue import enqueue_again
from accounts.storms.watchdog import Watchdog
from tests.support.clusters import assert_exactly_once, follow, rows_locked, small_storm
from tests.support.processes import command_line, free_port
from tests.support.reports import a_report
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("known_processes", "short_patience")]


@pytest.mark.processes
def test_jobs_that_vanished_from_the_queue_are_queued_anew():
    """As after `max_attempts`, when django-q2 drops a job without a word."""
    storm = small_storm()
    launch(storm, queue="private-vanished")
    OrmQ.objects.filter(key=storm.queue).delete()
    with Cluster(queue=storm.queue, worker_count=2) as cluster:
        news = follow(storm, cluster)

    assert news == ["No worker has been at work for 0.5 s: 44 operations were queued anew."]
    assert_exactly_once(storm)


def test_storm_that_lost_only_its_end_is_judged():
    storm = small_storm(audit_count=0)
    launch(storm, queue="private-judge")
    storm.transfers.update(status="refused")

    assert enqueue_again(storm) == 0
    run_queued(storm.queue)

    storm.refresh_from_db()
    assert storm.state == Storm.State.FINISHED
    assert not OrmQ.objects.filter(key=storm.queue).exists()


def test_storm_whose_worker_died_before_it_started_the_next_one_starts_it():
    first, following = small_storm(audit_count=0), small_storm(audit_count=0)
    launch_in_a_row([first, following], queue="private-row").join()
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
    mine, other = small_storm(), small_storm()
    for storm in (mine, other):
        launch(storm, queue="bank")
    count = OrmQ.objects.filter(key="bank").count()

    enqueue_again(mine)

    assert OrmQ.objects.filter(key="bank").count() == count


@pytest.mark.processes
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
    return next((child for child in children if " processing " in " ".join(command_line(child))), None)


def test_queueing_anew_also_takes_away_the_copies_of_a_queue_that_delivers_twice():
    storm = small_storm()
    launch(storm, queue="bank")
    rows = list(OrmQ.objects.filter(key="bank"))
    OrmQ.objects.bulk_create(OrmQ(key=row.key, payload=row.payload, lock=row.lock) for row in rows)

    enqueue_again(storm)

    assert OrmQ.objects.filter(key="bank").count() == len(rows)


class RedisAway:
    """A queue in Redis that refuses everything."""

    list_key = "bank"

    def enqueue(self, *_args):
        raise ConnectionError("Connection refused.")

    purge_queue = enqueue


@pytest.fixture
def redis_away(monkeypatch):
    """From now on, the queue is in Redis, and Redis is away."""
    monkeypatch.setattr(queue.Conf, "ORM", None)
    monkeypatch.setattr(queue, "get_broker", lambda _queue: RedisAway())


def test_error_storm_whose_jobs_redis_does_not_take(redis_away):
    storm = small_storm()

    with pytest.raises(BankError, match=r"The queue in Redis cannot be used \(Connection refused\.\): look after"):
        launch(storm, queue="private-away")

    storm.refresh_from_db()
    assert storm.state == Storm.State.FAILED
    assert "The queue in Redis cannot be used" in storm.reason


def test_storm_in_a_row_whose_jobs_redis_does_not_take_ends_as_failed(redis_away):
    first, following = small_storm(), small_storm()

    launch_in_a_row([first, following], queue="bank").join()

    states = Storm.objects.filter(pk__in=[first.pk, following.pk]).order_by("pk").values_list("state", flat=True)
    assert list(states) == [Storm.State.FAILED, Storm.State.STOPPED]


def test_storm_can_be_stopped_while_redis_is_away(redis_away, monkeypatch):
    with monkeypatch.context() as before:
        before.setattr(queue.Conf, "ORM", "default")
        storm = small_storm()
        launch(storm, queue="private-away")

    assert end_storm(storm, Storm.State.STOPPED, "")


def test_queue_that_is_away_is_said_with_the_remedy(redis_away, monkeypatch):
    with monkeypatch.context() as before:
        before.setattr(queue.Conf, "ORM", "default")
        storm = small_storm()
        launch(storm, queue="private-away")

    news = Watchdog(Cluster(queue=storm.queue, worker_count=1))._enqueue_all()

    assert news.startswith("nothing could be queued anew: The queue in Redis cannot be used (Connection refused.)")
