"""Whether each connection keeps one session of the server: a pooler of transactions may change it at each COMMIT.

Advisory locks, settings, prepared statements and `pg_blocking_pids` belong to a session of the server. Between us and
the server may stand a pooler such as PgBouncer; with `pool_mode = session` it is not noticed, with `transaction` or
`statement` the next statement may run in the session of another client.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
from django.db import DEFAULT_DB_ALIAS, OperationalError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from accounts.errors import BankError

LOOKS = 4
PATIENCE_S = 30
NO_SESSION = (
    "DATABASE_URL leads to a pooler that gives every transaction another session of the server, and locks and "
    "schedules need a session that stays: use the pooler with pool_mode = session, or name the server itself."
)
NO_ANSWER = (
    f"The database let us in, and answered no statement for {PATIENCE_S} s: if a pooler such as PgBouncer is before "
    "it, give it more sessions (default_pool_size), or name the server itself; else look after the server."
)


def check_session() -> None:
    """Raise BankError where a statement of ours may run in another session than the one before, or in none.

    1. The server's process that runs our statements is the one that the server announced when we connected: nothing
       stands between. (A pooler announces a number of its own.)
    2. Otherwise ask on two connections in turns. A session that is ours alone stays in one process, and no other
       connection is ever in that process.
    """
    with _at_most(PATIENCE_S, connections[DEFAULT_DB_ALIAS]):  # the thread's own, which another thread has to end
        connection.ensure_connection()
        announced, pid = connection.connection.info.backend_pid, _server_pid(connection)
    if pid == announced:
        return
    another = connection.copy()
    try:
        with _at_most(PATIENCE_S, another):
            another.ensure_connection()
            ours, others = {pid}, set()
            for _ in range(LOOKS):
                ours.add(_server_pid(connection))
                others.add(_server_pid(another))
    finally:
        another.close()
    if len(ours) > 1 or ours & others:
        raise BankError(NO_SESSION)


def _server_pid(asked: BaseDatabaseWrapper) -> int:
    """The server's process that runs this statement. (It is not prepared: a pooler may refuse that.)"""
    pid: int = asked.connection.execute("SELECT pg_backend_pid()", prepare=False).fetchone()[0]
    return pid


@contextmanager
def _at_most(patience_s: float, waiting: BaseDatabaseWrapper) -> Iterator[None]:
    """Raise BankError if the block waits longer for this connection, as a pooler without a free session lets it."""
    is_late = threading.Event()
    timer = threading.Timer(patience_s, _break, [waiting, is_late])
    timer.daemon = True
    timer.start()
    try:
        yield
    except (OperationalError, psycopg.OperationalError) as error:
        if is_late.is_set():
            raise BankError(NO_ANSWER) from error
        raise
    finally:
        timer.cancel()


def _break(waiting: BaseDatabaseWrapper, is_late: threading.Event) -> None:
    """End the connection from another thread: the statement that waits for an answer fails."""
    is_late.set()
    with suppress(OSError, AttributeError, psycopg.Error):  # it is still connecting, or has just been closed
        copy = socket.fromfd(waiting.connection.fileno(), socket.AF_INET, socket.SOCK_STREAM)
        copy.shutdown(socket.SHUT_RDWR)
        copy.close()
