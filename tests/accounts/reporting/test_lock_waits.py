"""Who waits for whom: which sessions have a line, in which order, and what they are called."""

from accounts.reporting.lock_waits import MAX_SESSIONS, Session, lock_waits


def session(pid: int, *waits_for: int, ms: int = 0, sql: str = "SELECT 1", worker: str = "") -> Session:
    return Session(pid, waits_for, ms, sql, worker)


def test_session_that_waits_for_no_other_comes_first_and_those_that_have_no_part_in_it_do_not_come():
    waits = lock_waits([session(1), session(2, 3, ms=5), session(3), session(4, 3, 2, ms=9)])

    assert [line.session.pid for line in waits.lines] == [3, 4, 2]
    assert waits.waiting == 2


def test_circle_of_sessions_is_listed():
    """A deadlock, until the database ends it."""
    assert [line.session.pid for line in lock_waits([session(1, 2), session(2, 1)]).lines] == [1, 2]


def test_blocker_that_is_not_among_the_sessions_is_named_and_has_no_line():
    """A prepared transaction blocks as pid 0; and a session may have ended between two looks."""
    waits = lock_waits([session(1, 0), session(2, 99)])

    assert [line.waits_for for line in waits.lines] == [["session 0 of the server"], ["session 99 of the server"]]


def test_more_sessions_than_fit_are_counted():
    waits = lock_waits([session(1), *(session(pid, 1) for pid in range(2, MAX_SESSIONS + 4))])

    assert (len(waits.lines), waits.left_out) == (MAX_SESSIONS, 3)


def test_session_is_called_what_its_worker_is_called_or_by_the_server_s_number():
    sessions = [session(7, worker="23152:thread_3"), session(8, 7, 9, 99, ms=8, worker="4"), session(9)]

    lines = {line.session.pid: line for line in lock_waits(sessions).lines}

    assert lines[8].session.name == "worker 4"
    assert lines[8].waits_for == ["worker 23152, thread 3", "session 9 of the server", "session 99 of the server"]
    assert [lines[pid].waits_for for pid in (7, 9)] == [[], []]


def test_no_session_waits():
    waits = lock_waits([session(1), session(2)])

    assert (waits.lines, waits.waiting) == ([], 0)
