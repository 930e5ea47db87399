"""When the watchdog acts, and when it keeps still: on a cluster of which the test says what is to be seen."""

import threading
import time

import pytest

from accounts.cluster.processes import Role
from accounts.models import Storm
from accounts.storms import watchdog
from accounts.storms.launch import launch, launch_in_a_row
from accounts.storms.watchdog import GivenUp, Watchdog
from tests.accounts.faults.conftest import _needs_titles, _short_patience, plan  # noqa: F401 (fixtures)
from tests.reports import a_report

pytestmark = pytest.mark.django_db(transaction=True)


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
    storm = plan()
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


def test_nobody_at_work_is_remedied_cheaply_then_thoroughly_then_not_at_all(storm, pass_time):
    cluster = FakeCluster(*QUIET)
    dog = Watchdog(cluster)
    said: list[str] = []

    with pytest.raises(GivenUp, match="5 remedies in a row did not help. Their last words: good night"):
        looks(dog, pass_time, 60, said)

    assert [news.split(":")[0] for news in said] == [
        *("Nobody has worked for 3 s", "Still nobody works", "Nobody has worked for 3 s", "Still nobody works"),
        "Nobody has worked for 3 s",
    ]
    assert cluster.replaced == 2


def test_somebody_at_work_is_left_alone_until_everything_must_be_over(storm, pass_time):
    dog = Watchdog(FakeCluster(*QUIET, Role.BUSY))

    assert looks(dog, pass_time, 170) == []
    assert looks(dog, pass_time, 60)[0].startswith("Nothing has come on for ")


def test_storm_that_comes_on_is_left_alone_though_nobody_is_ever_seen_at_work(storm, pass_time):
    dog = Watchdog(FakeCluster(*QUIET))

    for transfer in storm.transfers.all()[:20]:
        storm.transfers.filter(pk=transfer.pk).update(status="applied")
        assert looks(dog, pass_time, 2) == []


def test_nobody_at_work_is_no_fault_while_no_storm_runs(transactional_db, pass_time):
    assert looks(Watchdog(FakeCluster(*QUIET)), pass_time, 300) == []


def test_quiet_cluster_is_left_alone_while_another_one_may_be_at_work(storm, pass_time, monkeypatch):
    monkeypatch.setattr(watchdog, "running_clusters", lambda: ["ours", "another machine's"])
    dog = Watchdog(FakeCluster(*QUIET))

    assert looks(dog, pass_time, 170) == []
    monkeypatch.setattr(watchdog, "running_clusters", lambda: ["ours"])
    assert looks(dog, pass_time, 1)[0].startswith("Nobody has worked for 3 s: 44 operations were queued anew")


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


def test_when_nothing_helps_a_supervised_storm_fails_and_those_after_it_are_stopped(transactional_db, monkeypatch):
    row = [plan(), plan(), plan()]
    launch_in_a_row(row, queue=FakeCluster.queue)

    assert supervise_in_vain(monkeypatch) == ["Nothing helped."]

    after = f"It was to run after storm {row[0].pk}, which ended as failed."
    assert states(row) == [("failed", "Nothing helped."), ("stopped", after), ("stopped", after)]


def test_when_nothing_helps_a_storm_that_its_predecessor_did_not_start_fails(transactional_db, monkeypatch):
    row = [plan(), plan(), plan()]
    launch_in_a_row(row, queue=FakeCluster.queue)
    Storm.objects.filter(pk=row[0].pk).update(state=Storm.State.FINISHED, report=a_report())

    supervise_in_vain(monkeypatch)

    assert [state for state, _reason in states(row)] == ["finished", "failed", "stopped"]
