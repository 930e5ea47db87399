"""The picture of who waits for whom."""

from accounts.reporting.charts import Session, draw_waits
from accounts.reporting.charts.waits import MOST_SESSIONS

# Waits.


def session(pid: int, *waits_for: int, ms: int = 0, sql: str = "SELECT 1", worker: str = "") -> Session:
    return Session(pid, waits_for, ms, "active", sql, worker)


def test_holder_comes_first_and_uninvolved_sessions_are_left_out():
    picture = draw_waits([session(1), session(2, 3, ms=5), session(3), session(4, 3, 2, ms=9)])

    assert [line.session.pid for line in picture.lines] == [3, 4, 2]
    assert len(picture.arrows) == 3


def test_circle_of_sessions_is_drawn():
    """A deadlock, until the database ends it."""
    assert len(draw_waits([session(1, 2), session(2, 1)]).arrows) == 2


def test_blocker_that_is_not_among_the_sessions_has_no_arrow():
    """A prepared transaction blocks as pid 0; and a session may have ended between two looks."""
    picture = draw_waits([session(1, 0), session(2, 99)])

    assert ([line.session.pid for line in picture.lines], picture.arrows) == ([1, 2], [])


def test_more_sessions_than_fit_are_counted():
    picture = draw_waits([session(1), *(session(pid, 1) for pid in range(2, MOST_SESSIONS + 4))])

    assert (len(picture.lines), picture.left_out) == (MOST_SESSIONS, 3)


def test_session_is_named_after_its_worker_or_its_number():
    waiting = "SELECT 1 FOR UPDATE"
    sessions = [session(7, worker="23152:thread_3"), session(8, 7, 9, 99, ms=8, sql=waiting, worker="4"), session(9)]

    lines = {line.session.pid: line for line in draw_waits(sessions).lines}

    assert lines[8].text == "worker 4 waits 8 ms: SELECT 1 FOR UPDATE"
    assert lines[8].waits_for == ["worker 23152, thread 3", "session 9 of the server", "session 99 of the server"]
    assert lines[7].text == "worker 23152, thread 3 holds: SELECT 1"
    assert lines[9].text == "session 9 of the server holds: SELECT 1"


def test_no_waiting_session_is_an_empty_picture():
    assert draw_waits([session(1), session(2)]).lines == []
