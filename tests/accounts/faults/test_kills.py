"""Killed processes: no operation is lost or done twice, nothing is left behind, and the storm ends by itself."""

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from accounts.cluster.processes import Role
from accounts.cluster.subprocesses import Cluster
from accounts.errors import BankError
from accounts.faults import freeze, kill_cluster, kill_workers
from accounts.models import Storm
from accounts.storms.launch import launch, private_cluster
from tests.accounts.faults.conftest import (
    aim,
    assert_exactly_once,
    busy,
    follow,
    is_waiting_for_a_lock,
    plan,
    rows_locked,
    wait_until,
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_processes_are_known_by_their_roles():
    storm = plan(transfer_count=1, audit_count=0)
    with private_cluster(storm) as cluster:
        launch(storm, queue=cluster.queue)
        with rows_locked(storm):
            wait_until(lambda: busy(cluster) and cluster.members(Role.MONITOR) and cluster.members(Role.IDLE))
            roles = sorted(member.role.value for member in cluster.members())

    assert roles == ["busy worker", "guard", "idle worker", "main process", "monitor", "pusher"]
    assert cluster.processes() == []


def test_job_of_a_killed_worker_is_done_by_another():
    storm = plan(worker_count=1, transfer_count=20, audit_count=0)
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


def test_cluster_that_hangs_because_an_idle_worker_was_killed_is_replaced():
    """The only worker is killed while it waits for a job: it dies holding the lock that its successor needs."""
    first, second = plan(worker_count=1), plan(worker_count=1)
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


@pytest.mark.parametrize("part", kill_cluster.CHOICES, ids=lambda part: getattr(part, "value", part))
def test_storm_survives_the_death_of_any_part_of_its_cluster(part):
    storm = plan()
    with private_cluster(storm) as cluster:
        launch(storm, queue=cluster.queue)
        with rows_locked(storm):
            wait_until(lambda: busy(cluster) and cluster.members(Role.MONITOR, Role.PUSHER)[1:])
            before = cluster.processes()
            assert kill_cluster.inject(aim(storm, cluster, part)).startswith("SIGKILL of ")
        follow(storm, cluster)

    assert_exactly_once(storm)
    assert cluster.processes() == []
    assert not [process for process in before if process.is_running() and process.status() != "zombie"]


@pytest.mark.parametrize("part", [Role.MAIN, Role.GUARD])
def test_cluster_that_nobody_looks_after_ends_with_what_holds_it_together(part):
    """As if the command, which would look after it, had been killed at the same time."""
    with Cluster(queue="private-alone", worker_count=2) as cluster:
        wait_until(lambda: len(cluster.members(Role.IDLE)) == 2 and cluster.members(Role.PUSHER))
        (member,) = cluster.members(part)
        member.process.kill()
        wait_until(lambda: not cluster.members())


def test_guard_that_is_killed_while_it_starts_the_others_leaves_none_of_them():
    """Its main process waits for it to say that all are there, and does not look after them yet."""
    with Cluster(queue="private-early", worker_count=8) as cluster:
        (guard,) = wait_until(lambda: [member for member in cluster.members(Role.GUARD) if member.process.children()])
        guard.process.kill()
        wait_until(lambda: not cluster.members())


def test_cluster_that_cannot_live_fails_the_storm_with_its_last_words():
    storm = plan()
    with Cluster(queue="private-broken", worker_count=0) as cluster:
        launch(storm, queue=cluster.queue)
        with pytest.raises(BankError, match="BANK_WORKERS is '0'.* 5 remedies in a row did not help"):
            follow(storm, cluster)

    assert (storm.state, storm.faults) == (Storm.State.FAILED, [])
    storm.refresh_from_db()
    assert [fault["kind"] for fault in storm.faults] == ["watchdog: replaced"] * 5


def test_stopped_worker_holds_locks_until_it_goes_on():
    storm = plan(worker_count=1)  # whoever waits for the rows is the one that is stopped
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


def test_worker_that_is_stopped_for_good_is_replaced(monkeypatch):
    monkeypatch.setattr("accounts.storms.watchdog.FROZEN_S", 1)
    storm = plan()
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


def test_sessions_of_a_killed_cluster_keep_no_lock():
    storm = plan()
    with private_cluster(storm) as cluster:
        launch(storm, queue=cluster.queue)
        with rows_locked(storm):
            wait_until(lambda: is_waiting_for_a_lock(cluster.queue))
            kill_cluster.kill_all(aim(storm, cluster))
        follow(storm, cluster)
        with rows_locked(storm):
            pass

    assert_exactly_once(storm)
