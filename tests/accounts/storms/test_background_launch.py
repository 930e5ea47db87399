"""A storm is on its page at once; its plan follows whole or not at all, and a launch that came to nothing says so."""

import threading
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from django_q.models import OrmQ

from accounts.errors import BankError
from accounts.models import Account, Storm, Transfer
from accounts.storms import background_launch, lifecycle, written_plan
from accounts.storms.background_launch import (
    ENDED,
    ROW_BROKEN,
    is_being_planned,
    is_lost,
    launch_in_a_row,
    launch_in_background,
)
from accounts.storms.launch import plan_storm
from accounts.storms.lifecycle import end_storm
from tests.support.storms import wait_for_plans
from tests.support.waiting import PATIENCE_S, wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def launched(**choices) -> tuple[Storm, threading.Thread]:
    defaults = {"transfer_with": "row_lock", "audit_with": "no_lock", "transfer_count": 30, "audit_count": 1}
    storm = plan_storm(**defaults | choices)
    return storm, launch_in_background(storm, queue="nowhere")


def rows_of_the_plan() -> int:
    return sum(model.objects.count() for model in (Account, Transfer, OrmQ))


@pytest.fixture
def held(monkeypatch):
    """The thread stands still before it writes a batch of one transfer, until the event is set."""
    go_on, tell = threading.Event(), background_launch.News.tell

    def tell_and_wait(news, pk, written):
        tell(news, pk, written)
        if written:
            go_on.wait(PATIENCE_S)

    monkeypatch.setattr(written_plan, "BATCH", 10)
    monkeypatch.setattr(background_launch.News, "tell", tell_and_wait)
    yield go_on
    go_on.set()
    wait_for_plans()


def test_plan_is_written_and_started():
    storm, thread = launched()

    thread.join()

    storm.refresh_from_db()
    assert (storm.state, storm.transfers.count(), storm.bank.accounts.count()) == ("running", 30, 6)
    assert storm.started_at is not None
    assert OrmQ.objects.exists()
    assert not is_being_planned(storm)


def test_thread_waits_for_the_commit_of_the_storm():
    with transaction.atomic():
        _storm, thread = launched()
        assert not thread.is_alive()

    thread.join()
    assert Storm.objects.get().state == "running"


def test_pages_see_how_much_is_written_and_none_of_it(held):
    storm, _thread = launched()

    wait_until(lambda: Storm.objects.filter(planned_count=10).exists())

    storm.refresh_from_db()
    assert is_being_planned(storm)
    assert not is_lost(storm)
    assert rows_of_the_plan() == 0


def test_storm_that_is_stopped_meanwhile_has_no_plan(held):
    storm, thread = launched()
    wait_until(lambda: Storm.objects.filter(planned_count=10).exists())

    assert end_storm(storm, Storm.State.STOPPED, "Enough.")
    held.set()
    thread.join()

    storm.refresh_from_db()
    assert (storm.state, storm.reason, storm.bank.drift) == ("stopped", "Enough.", 0)
    assert rows_of_the_plan() == 0


def test_plan_that_cannot_be_written_ends_the_storm_and_says_why(monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("the queue is broken")

    monkeypatch.setattr(lifecycle, "enqueue", broken)

    storm, thread = launched()
    thread.join()

    storm.refresh_from_db()
    assert (storm.state, storm.reason) == ("failed", "It could not be planned: RuntimeError: the queue is broken")
    assert rows_of_the_plan() == 0


def test_end_of_the_program_ends_the_storm(monkeypatch):
    ended = threading.Thread()
    monkeypatch.setattr(background_launch.threading, "main_thread", lambda: ended)

    storm, thread = launched()
    thread.join()

    storm.refresh_from_db()
    assert (storm.state, storm.reason) == ("failed", ENDED)
    assert rows_of_the_plan() == 0


def test_launch_whose_process_died_is_said_as_such(held):
    storm, _thread = launched()
    wait_until(lambda: Storm.objects.filter(planned_count=10).exists())
    storm.created_at = timezone.now() - timedelta(hours=1)
    assert not is_lost(storm), "its thread holds the lock"

    held.set()
    wait_until(lambda: Storm.objects.filter(state="running").exists())
    Storm.objects.update(state="planned")  # as if its thread had gone without a word

    assert is_lost(storm)
    storm.created_at = timezone.now()
    assert not is_lost(storm), "its thread has perhaps not begun yet"


# Several in a row.


def launched_row(*, by_hand: bool) -> tuple[list[Storm], threading.Thread]:
    choices = {"transfer_with": "row_lock", "audit_with": "no_lock", "transfer_count": 30, "audit_count": 1}
    row = [plan_storm(**choices) for _ in range(3)]
    return row, launch_in_a_row(row, queue="nowhere", by_hand=by_hand)


def seen(row: list[Storm]) -> list[tuple[str, int | None]]:
    storms = Storm.objects.filter(pk__in=[storm.pk for storm in row]).order_by("pk")
    return list(storms.values_list("state", "planned_count"))


@pytest.mark.parametrize(("by_hand", "first"), [(False, ("running", 30)), (True, ("planned", None))])
def test_row_is_planned_whole_and_its_first_waits_only_if_it_is_started_by_hand(by_hand, first):
    row, thread = launched_row(by_hand=by_hand)

    thread.join()

    assert seen(row) == [first, ("planned", None), ("planned", None)]
    assert [storm.transfers.count() for storm in row] == [30, 30, 30]
    assert [storm.row for storm in row] == [[storm.pk for storm in row]] * 3


def test_row_is_there_before_any_plan_is_and_cannot_be_started_then(held):
    row, _thread = launched_row(by_hand=True)
    wait_until(lambda: Storm.objects.filter(planned_count=10).exists())

    with pytest.raises(BankError, match=f"The plan of storm {row[0].pk}.* is being written"):
        lifecycle.start_next(row[1])

    assert seen(row) == [("planned", 10), ("planned", 0), ("planned", 0)]
    assert rows_of_the_plan() == 0


@pytest.mark.parametrize("end", [lambda storm: end_storm(storm, Storm.State.STOPPED, "Enough."), Storm.delete])
def test_row_of_which_one_is_stopped_or_deleted_meanwhile_ends(end, held):
    row, thread = launched_row(by_hand=True)
    wait_until(lambda: Storm.objects.filter(planned_count=10).exists())

    end(Storm.objects.get(pk=row[1].pk))
    held.set()
    thread.join()

    assert {state for state, _count in seen(row)} == {"stopped"}
    assert Storm.objects.get(pk=row[0].pk).reason == ROW_BROKEN
    assert rows_of_the_plan() == 0


@pytest.mark.parametrize("place", [0, 1, 2])
def test_row_of_which_one_is_deleted_before_the_thread_begins_ends(place):
    with transaction.atomic():
        row, thread = launched_row(by_hand=False)
        Storm.objects.get(pk=row[place].pk).delete()

    thread.join()

    assert [state for state, _count in seen(row)] == ["stopped"] * 2
    assert rows_of_the_plan() == 0


def test_storm_that_is_deleted_before_the_thread_begins_has_no_plan(monkeypatch):
    failures = []
    monkeypatch.setattr(threading, "excepthook", failures.append)

    with transaction.atomic():
        storm, thread = launched()
        storm.delete()
    thread.join()

    assert (failures, Storm.objects.count(), rows_of_the_plan()) == ([], 0, 0)
