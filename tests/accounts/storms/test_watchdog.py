"""When the watchdog acts, and when it keeps still: on a cluster of which the test says what is to be seen."""

import threading
import time

import pytest
from django.db import OperationalError, connection

from accounts.cluster.processes import Role
from accounts.cluster.subprocesses import Cluster
from accounts.db.shutdown import Shutdown
from accounts.errors import BankError
from accounts.models import Storm
from accounts.storms import watchdog
from accounts.storms.background_launch import launch_in_a_row
from accounts.storms.launch import launch
from accounts.storms.watchdog import GivenUp, Watchdog
from tests.support.clusters import follow, small_storm
from tests.support.reports import a_report

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("known_processes", "short_patience")]


class Process:
    pid = 1

    def status(self) -> str:
        return "sleeping"


class FakeCluster:
    """A cluster with these roles, whose clock is the test's."""

    queue, started, is_private = "shared", 0.0, False

    def __init__(self, *roles: Role) -> None:
        self._roles = roles
        self.replaced = 0

    def members(self, *_roles):
        return [watchdog.Member(Process(), role) for role in self._roles]

    def is_running(self) -> bool:
        return True

    def last_words(self) -> str:
        return "good night"

    def replace(self) -> None:
        self.replaced += 1

    def stop_workers(self) -> None:
        self.is_stopped = True


@pytest.fixture
def pass_time(monkeypatch):
    """pass_time(5): the watchdog believes that 5 s have passed."""
    clock = [time.monotonic()]
    monkeypatch.setattr(watchdog.time, "monotonic", lambda: clock[0])

    def pass_time(seconds: float) -> None:
        clock[0] += seconds

    return pass_time


@pytest.fixture
def storm() -> Storm:
    storm = small_storm()
    launch(storm, queue=FakeCluster.queue)
    return storm


QUIET = (Role.MAIN, Role.GUARD, Role.PUSHER, Role.MONITOR, Role.IDLE)


def looks(dog: Watchdog, pass_time, seconds: int, said: list[str] | None = None) -> list[str]:
    """Let it look once a second; return what it said, which is also added to `said`."""
    said = [] if said is None else said
    for _ in range(seconds):
        pass_time(1)
        if news := dog.look():
            said.append(news)
    return said


def test_lost_jobs_are_queued_anew_then_the_cluster_is_replaced_then_it_gives_up(storm, pass_time):
    cluster = FakeCluster(*QUIET)
    dog = Watchdog(cluster)
    said: list[str] = []

    with pytest.raises(GivenUp, match="5 remedies in a row did not help. Their last words: good night"):
        looks(dog, pass_time, 60, said)

    assert [news.split(":")[0] for news in said] == [
        "No worker has been at work for 3 s",
        "Still no worker is at work",
        "No worker has been at work for 3 s",
        "Still no worker is at work",
        "No worker has been at work for 3 s",
    ]
    assert cluster.replaced == 2


def test_worker_at_work_is_left_alone_until_every_job_must_have_ended(storm, pass_time):
    dog = Watchdog(FakeCluster(*QUIET, Role.BUSY))

    assert looks(dog, pass_time, 170) == []
    assert looks(dog, pass_time, 60)[0].startswith("No progress for ")


def test_storm_that_makes_progress_is_left_alone_though_no_worker_is_ever_seen_at_work(storm, pass_time):
    dog = Watchdog(FakeCluster(*QUIET))

    for transfer in storm.transfers.all()[:20]:
        storm.transfers.filter(pk=transfer.pk).update(status="applied")
        assert looks(dog, pass_time, 2) == []


def test_idle_cluster_is_left_alone_while_no_storm_runs(transactional_db, pass_time):
    assert looks(Watchdog(FakeCluster(*QUIET)), pass_time, 300) == []


def test_quiet_cluster_is_left_alone_while_another_one_may_be_at_work(storm, pass_time, monkeypatch):
    monkeypatch.setattr(watchdog, "running_clusters", lambda: ["ours", "another machine's"])
    dog = Watchdog(FakeCluster(*QUIET))

    assert looks(dog, pass_time, 170) == []
    monkeypatch.setattr(watchdog, "running_clusters", lambda: ["ours"])
    assert looks(dog, pass_time, 1)[0].startswith("No worker has been at work for 3 s: 44 operations were queued anew")


def test_after_progress_the_remedies_begin_again(storm, pass_time):
    cluster = FakeCluster(*QUIET)
    dog = Watchdog(cluster)

    assert looks(dog, pass_time, 6)[0].startswith("No worker has been at work for 3 s")
    storm.transfers.filter(pk=storm.transfers.first().pk).update(status="applied")
    said = looks(dog, pass_time, 6)

    assert [news.split(":")[0] for news in said] == ["No worker has been at work for 3 s"]
    assert cluster.replaced == 0


def test_after_a_replacement_jobs_are_queued_anew_first(storm, pass_time, monkeypatch):
    cluster = FakeCluster(*QUIET)
    dog = Watchdog(cluster)
    with monkeypatch.context() as patch:
        patch.setattr(cluster, "is_running", lambda: False)
        assert looks(dog, pass_time, 1)[0].startswith("The workers ended, and were not asked to: good night")

    said = looks(dog, pass_time, 4)

    assert [news.split(":")[0] for news in said] == ["No worker has been at work for 3 s"]
    assert cluster.replaced == 1


def test_stopped_process_that_holds_up_the_others_is_replaced(storm, pass_time, monkeypatch):
    monkeypatch.setattr(Process, "status", lambda _process: "stopped")
    monkeypatch.setattr(watchdog, "running_clusters", lambda: ["ours", "another machine's"])

    (news,) = looks(Watchdog(FakeCluster(Role.MAIN, Role.PUSHER)), pass_time, 34)

    assert news.startswith("No progress for 30 s, and main process 1, pusher 1 is stopped: the workers were replaced")


def test_workers_of_a_server_that_shuts_down_are_stopped_and_started_when_it_is_back(storm, pass_time):
    cluster = FakeCluster(*QUIET)
    dog = Watchdog(cluster)

    assert "the workers were stopped, and all connections closed" in dog.let_go()
    assert cluster.is_stopped
    connection.close()
    assert looks(dog, pass_time, 1) == [
        "The database is back: the workers were replaced, 44 operations were queued anew.",
    ]
    assert cluster.replaced == 1
    assert looks(dog, pass_time, 2) == []


def test_workers_are_not_started_while_the_database_is_away(storm, pass_time, monkeypatch):
    cluster = FakeCluster(*QUIET)
    dog = Watchdog(cluster)
    dog.let_go()
    connection.close()

    with monkeypatch.context() as patch:
        patch.setattr(connection, "connect", lose_connection)
        with pytest.raises(OperationalError):
            dog.look()
    assert cluster.replaced == 0
    dog.look()
    assert cluster.replaced == 1


def lose_connection() -> None:
    raise OperationalError("the database system is shutting down")


def test_supervisor_lets_go_of_a_server_that_shuts_down(transactional_db, monkeypatch):
    cluster, said, over = FakeCluster(*QUIET), [], threading.Event()
    answers = iter([True])
    monkeypatch.setattr(watchdog, "LOOK_EVERY_S", 0)
    monkeypatch.setattr(Shutdown, "notice", lambda _shutdown: next(answers, False))
    monkeypatch.setattr(FakeCluster, "replace", lambda _cluster: over.set())

    watchdog.supervise(cluster, until=over, say=said.append)
    connection.close()

    assert [news.split(":")[0] for news in said] == [
        "The database admits no new connections, because it is shutting down",
        "The database is back",
    ]


def give_up(*_anything) -> str:
    raise GivenUp("Nothing helped.")


def supervise_in_vain(monkeypatch) -> list[str]:
    """What is said when nothing helps, and the cluster is dead."""
    said: list[str] = []
    monkeypatch.setattr(watchdog, "LOOK_EVERY_S", 0)
    monkeypatch.setattr(Watchdog, "look", give_up)
    monkeypatch.setattr(FakeCluster, "is_running", lambda _cluster: False)
    watchdog.supervise(FakeCluster(), until=threading.Event(), say=said.append)
    return said


def states(row: list[Storm]) -> list[tuple[str, str]]:
    return list(Storm.objects.filter(pk__in=[storm.pk for storm in row]).order_by("pk").values_list("state", "reason"))


def test_storm_fails_when_no_remedy_helps_and_those_after_it_are_stopped(transactional_db, monkeypatch):
    row = [small_storm(), small_storm(), small_storm()]
    launch_in_a_row(row, queue=FakeCluster.queue).join()

    assert supervise_in_vain(monkeypatch) == ["Nothing helped."]

    after = f"It was to run after storm {row[0].pk}, which ended as failed."
    assert states(row) == [("failed", "Nothing helped."), ("stopped", after), ("stopped", after)]


def test_storm_that_its_predecessor_did_not_start_fails_too(transactional_db, monkeypatch):
    row = [small_storm(), small_storm(), small_storm()]
    launch_in_a_row(row, queue=FakeCluster.queue).join()
    Storm.objects.filter(pk=row[0].pk).update(state=Storm.State.FINISHED, report=a_report())

    supervise_in_vain(monkeypatch)

    assert [state for state, _reason in states(row)] == ["finished", "failed", "stopped"]


@pytest.mark.processes
def test_cluster_that_cannot_live_fails_the_storm_with_its_last_words():
    storm = small_storm()
    with Cluster(queue="private-broken", worker_count=0) as cluster:
        launch(storm, queue=cluster.queue)
        with pytest.raises(BankError, match="BANK_WORKERS is '0'.* 5 remedies in a row did not help"):
            follow(storm, cluster)

    assert (storm.state, storm.faults) == (Storm.State.FAILED, [])
    storm.refresh_from_db()
    assert [fault["kind"] for fault in storm.faults] == ["watchdog: replaced"] * 5
