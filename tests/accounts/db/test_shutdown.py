"""A server that shuts down and waits for us is noticed, and our idle connections are closed."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import psycopg
import pytest
from django.db import close_old_connections, connection, transaction

from accounts.db import shutdown
from accounts.db.shutdown import Shutdown, close_idle_connections, refuses_connections, server_birth
from interleavings.postgres.processes import find_postmaster
from interleavings.postgres.server import Server


@pytest.fixture
def clock(monkeypatch) -> list[float]:
    """What time.monotonic() says to the module."""
    clock = [100.0]
    monkeypatch.setattr(shutdown.time, "monotonic", lambda: clock[0])
    return clock


def answers(detector: Shutdown, clock: list[float], seconds: int) -> list[bool]:
    said = []
    for _ in range(seconds):
        clock[0] += 1
        said.append(detector.notice())
    return said


def test_shutdown_is_noticed_once_at_the_second_refusal(clock, monkeypatch):
    monkeypatch.setattr(shutdown, "refuses_connections", lambda: True)

    assert answers(Shutdown(), clock, 4) == [False, True, False, False]


def test_server_that_refuses_for_a_moment_is_starting(clock, monkeypatch):
    refusals = iter([True, False, True, False])
    monkeypatch.setattr(shutdown, "refuses_connections", lambda: next(refusals))

    assert answers(Shutdown(), clock, 4) == [False] * 4


def test_server_is_asked_once_a_second(clock, monkeypatch):
    asked = []
    monkeypatch.setattr(shutdown, "refuses_connections", lambda: bool(asked.append(1)))
    detector = Shutdown()

    for _ in range(10):
        clock[0] += 0.25
        detector.notice()

    assert len(asked) in (2, 3)


@pytest.mark.django_db(transaction=True)
def test_server_was_started_once():
    first = server_birth()

    assert first is not None
    assert server_birth() == first


@pytest.mark.django_db(transaction=True)
def test_server_that_refuses_has_no_birth(monkeypatch):
    monkeypatch.setattr(shutdown, "refuses_connections", lambda: True)

    assert server_birth() is None


@pytest.mark.processes
def test_server_that_waits_for_its_sessions_refuses_new_ones(tmp_path, monkeypatch):
    server = Server(tmp_path / "postgres")
    server.use()
    monkeypatch.setattr(shutdown, "_where", server.connection_params)
    try:
        with psycopg.connect(**server.connection_params(), dbname="postgres", autocommit=True) as session:
            assert not refuses_connections()
            find_postmaster(server.data).terminate()
            wait_until(refuses_connections)

            assert session.execute("SELECT 1").fetchone() == (1,)
        wait_until(lambda: not server.is_running())
        assert not refuses_connections()
    finally:
        server.close()


def wait_until(condition) -> None:
    waited = threading.Event()
    for _ in range(600):
        if condition():
            return
        waited.wait(0.05)
    raise AssertionError("it did not happen in time")


@contextmanager
def other_thread(*, in_transaction: bool) -> Iterator[list[psycopg.Connection]]:
    """Another thread that has opened a connection, and does nothing with it while the block lasts."""
    sessions, is_open, may_end = [], threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic() if in_transaction else nullcontext():
                connection.cursor().execute("SELECT 1")
                sessions.append(connection.connection)
                is_open.set()
                may_end.wait(30)
        finally:
            connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    assert is_open.wait(30)
    try:
        yield sessions
    finally:
        may_end.set()
        thread.join(30)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("in_transaction", [False, True])
def test_idle_connections_of_all_threads_are_closed(in_transaction):
    connection.ensure_connection()
    with other_thread(in_transaction=in_transaction) as (session,):
        close_idle_connections()

        assert connection.connection is None
        assert session.closed == (not in_transaction)
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_page_whose_idle_connection_was_closed_gets_a_new_one():
    connection.ensure_connection()
    connection.connection.close()  # as close_idle_connections() does in another thread

    close_old_connections()  # Django's first step of each request

    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
