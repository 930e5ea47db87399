"""A storm is on its page at once; its plan follows whole or not at all, and a launch that came to nothing says so."""

import threading
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from django_q.models import OrmQ

from accounts.models import Account, Storm, Transfer
from accounts.storms import background_launch, lifecycle, written_plan
from accounts.storms.background_launch import ENDED, is_being_planned, is_lost, launch_in_background
from accounts.storms.launch import plan_storm
from accounts.storms.lifecycle import end_storm
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

    def tell_and_wait(news, written):
        tell(news, written)
        if written:
            go_on.wait(PATIENCE_S)

    monkeypatch.setattr(written_plan, "BATCH", 10)
    monkeypatch.setattr(background_launch.News, "tell", tell_and_wait)
    yield go_on
    go_on.set()
    for thread in threading.enumerate():
        if thread.name.startswith("plan of storm"):
            thread.join()


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
