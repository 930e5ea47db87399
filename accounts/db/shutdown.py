"""A server that is shutting down waits until all connections are closed: notices that, and closes ours.

PostgreSQL calls this "smart shutdown": SIGTERM to the server's main process, as `systemctl stop` and a computer that is
switched off may send it. Open sessions go on and notice nothing; a request for a new one is refused (SQLSTATE 57P03).
So to notice it, one must ask. (PostgreSQL documentation: 18.5 Shutting Down the Server; PQping.)
"""

import time
from typing import Any
from weakref import WeakSet

from django.db import InterfaceError, OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from psycopg.conninfo import make_conninfo
from psycopg.pq import Conninfo, PGconn, Ping, TransactionStatus

ASK_EVERY_S = 1.0
REFUSAL_COUNT = 2  # in a row: a server that starts refuses too, for a moment

_connections: WeakSet[BaseDatabaseWrapper] = WeakSet()  # of all threads


class Shutdown:
    """Asks the server, now and then, whether it admits new connections."""

    def __init__(self) -> None:
        self._asked_at_s = 0.0
        self._refusals = 0

    def notice(self) -> bool:
        """Ask, if the last time was ASK_EVERY_S ago; return True once for each shutdown, when it is noticed."""
        if time.monotonic() - self._asked_at_s < ASK_EVERY_S:
            return False
        self._asked_at_s = time.monotonic()
        self._refusals = self._refusals + 1 if refuses_connections() else 0
        return self._refusals == REFUSAL_COUNT


def refuses_connections() -> bool:
    """Whether there is a server that admits no new connection: it is shutting down, or starting."""
    try:
        return Ping(PGconn.ping(make_conninfo(**_where()).encode())) is Ping.REJECT
    except OperationalError:  # the embedded server has ended
        return False


def server_birth() -> Any:
    """When the server was started, by its own clock, asked on a new connection; None where it admits none."""
    if refuses_connections():
        return None
    another = connection.copy()
    try:
        with another.cursor() as cursor:
            cursor.execute("SELECT pg_postmaster_start_time()")
            return cursor.fetchone()[0]
    except (OperationalError, InterfaceError):
        return None
    finally:
        another.close()


def _where() -> dict[str, Any]:
    """How to reach the server, in libpq's names."""
    params = connection.get_connection_params()
    if hasattr(connection, "server"):
        params |= connection.server.connection_params()
    names = {option.keyword.decode() for option in Conninfo.get_defaults()}
    return {name: value for name, value in params.items() if name in names}


def close_idle_connections() -> None:
    """Close the connections of all threads of this process that are idle; each thread makes a new one when it needs it.

    A connection that is in use, or in a transaction, stays.
    """
    if not connection.in_atomic_block:
        connection.close()
    for wrapper in list(_connections):
        session = wrapper.connection
        if session is None or session.closed or not session.lock.acquire(blocking=False):
            continue
        try:
            if session.info.transaction_status == TransactionStatus.IDLE:
                session.close()
        finally:
            session.lock.release()


def _remember(connection: BaseDatabaseWrapper, **_signal: Any) -> None:
    _connections.add(connection)


connection_created.connect(_remember)
