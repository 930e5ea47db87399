"""What a scheduler sees of sessions that wait in the database."""

import time
from collections.abc import Iterator
from functools import partial

import pytest
from django.db import transaction

from interleavings.engine.scheduler import Scheduler
from interleavings.engine.session import Session
from tests.support.samples.models import Stock
from tests.support.thorough import THOROUGH
from tests.support.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def three() -> Iterator[Scheduler]:
    with Scheduler(["a", "b", "c"], is_step=lambda sql: "samples_stock" in sql) as scheduler:
        yield scheduler


def lock(*pks: int) -> None:
    with transaction.atomic():
        for pk in pks:
            Stock.objects.select_for_update().get(pk=pk)


def lock_all() -> None:
    with transaction.atomic():
        list(Stock.objects.select_for_update().order_by("pk"))


def test_session_that_may_close_a_circle_of_waits_says_when_it_has_looked_for_one(three):
    """So it need not be waited for by the clock. Without other waits there is no circle, and nothing is looked for."""
    first, second = (Stock.objects.create(in_stock=1).pk for _ in range(2))
    three.begin({"a": partial(lock, first), "b": partial(lock, second, first), "c": partial(lock, first)})
    three.step("a")
    three.step("b")
    three.step("c")
    assert three.waits == {"c": ["a"]}
    three.step("b")

    assert set(three.waits) == {"b", "c"}
    wait_until(lambda: three.sessions["b"].has_found_no_deadlock)
    assert not three.sessions["c"].has_found_no_deadlock
    three.step("a")


# With a slow client, what is wrong shows at once; without, once in forty times.
TIMES = 40 if THOROUGH else 5


@pytest.fixture(params=[0, 0.005], ids=["", "slow client"])
def client_pause_s(request, monkeypatch) -> None:
    """How long a session needs to read what the database says of its wait, while it waits on."""
    note = Session.note_word_about_wait

    def note_late(session: Session) -> None:
        time.sleep(request.param)
        note(session)

    monkeypatch.setattr(Session, "note_word_about_wait", note_late)


@pytest.mark.usefixtures("client_pause_s")
def test_session_that_waits_for_one_row_after_another_looks_for_a_deadlock_each_time(three):
    """Else the next step might close the circle while it looks: then it would be refused, and not the one that did."""
    first, second = (Stock.objects.create(in_stock=1).pk for _ in range(2))
    works = {"a": partial(lock, first), "b": partial(lock, second, first), "c": lock_all}
    for _ in range(TIMES):
        three.begin(works)
        three.step("a")
        three.step("b")
        three.step("c", is_slow_to_wake=True)
        assert three.waits == {"c": ["a"]}
        three.step("a")
        assert three.waits == {"c": ["b"]}, "it has got the first row"
        three.step("b")

        assert [(step.session, step.error) for step in three.trace if step.error] == [("b", "40P01")]
        three.abandon()


@pytest.mark.usefixtures("client_pause_s")
def test_session_that_waits_anew_for_the_same_session_looks_for_a_deadlock_again(three):
    """It queued behind another one for a row. When that one has got it, it waits for the end of its transaction."""
    first, second = (Stock.objects.create(in_stock=1).pk for _ in range(2))
    works = {"a": partial(lock, first), "b": partial(lock, first, second), "c": partial(lock, second, first)}
    for _ in range(TIMES):
        three.begin(works)
        three.step("a")
        three.step("c")
        three.step("b")
        three.step("c")
        assert three.waits == {"b": ["a"], "c": ["b"]}
        three.step("a")
        assert three.waits == {"c": ["b"]}
        three.step("b")

        assert [(step.session, step.error) for step in three.trace if step.error] == [("b", "40P01")]
        three.abandon()


def test_connection_of_a_session_that_is_abandoned_before_its_commit_is_kept(three):
    stock = Stock.objects.create(in_stock=1).pk
    works = dict.fromkeys(("a", "b", "c"), partial(lock, stock))
    three.begin(works)
    three.step("a")  # it stands before its COMMIT
    pid = three.sessions["a"].pid
    three.abandon()
    three.begin(works)
    three.step("b")

    assert three.sessions["a"].pid == pid
    assert not three.waits, "what was abandoned holds no lock"
