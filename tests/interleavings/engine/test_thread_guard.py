"""The guards on threads and connections are there for sessions alone, and are gone with the last scheduler."""

import threading

import psycopg
from django.db.backends.base.base import BaseDatabaseWrapper

from interleavings.engine import thread_guard

START, CONNECT = threading.Thread.start, psycopg.connect
OTHERS = [
    (psycopg.Connection, "connect"),
    (psycopg.AsyncConnection, "connect"),
    (BaseDatabaseWrapper, "connect"),
    (BaseDatabaseWrapper, "ensure_connection"),
]


def run_in_thread(work) -> None:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def test_thread_that_is_no_session_notices_nothing():
    results = []
    thread_guard.install()
    try:
        run_in_thread(lambda: run_in_thread(lambda: results.append("an inner thread ran")))
        assert threading.Thread.start.__qualname__ == "Thread.start"
    finally:
        thread_guard.remove()

    assert results == ["an inner thread ran"]


def test_the_last_of_several_puts_the_originals_back():
    others = [vars(owner)[name] for owner, name in OTHERS]
    thread_guard.install()
    thread_guard.install()
    thread_guard.remove()
    assert threading.Thread.start is not START

    thread_guard.remove()
    assert (threading.Thread.start, psycopg.connect) == (START, CONNECT)
    assert [vars(owner)[name] for owner, name in OTHERS] == others


def test_what_somebody_else_has_replaced_meanwhile_stays(monkeypatch):
    thread_guard.install()
    ours = threading.Thread.start

    def theirs(thread: threading.Thread) -> None:
        ours(thread)

    monkeypatch.setattr(threading.Thread, "start", theirs)
    thread_guard.remove()

    assert threading.Thread.start is theirs
    run_in_thread(lambda: None)
    monkeypatch.undo()
    threading.Thread.start = START
