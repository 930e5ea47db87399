"""Whether the way to the database leaves us our session: a pooler of transactions takes it away at each COMMIT.

Advisory locks, settings, prepared statements and `pg_blocking_pids` belong to a session of the server. Between us and
the server may stand a pooler such as PgBouncer; with `pool_mode = session` it is not noticed, with `transaction` or
`statement` the next statement may run in the session of another client.
"""

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from accounts.errors import BankError

LOOKS = 3
NO_SESSION = (
    "DATABASE_URL leads to a pooler that gives every transaction another session of the server, and locks and "
    "schedules need a session that stays: use the pooler with pool_mode = session, or name the server itself."
)


def check_session() -> None:
    """Raise BankError where a statement of ours may run in another session than the one before.

    1. The server's process that runs our statements is the one that the server announced when we connected: nothing
       stands between. (A pooler announces a number of its own.)
    2. Otherwise ask on two connections in turns. A session that is ours alone stays in one process, and no other
       connection is ever in that process.
    """
    connection.ensure_connection()
    if _server_pid(connection) == connection.connection.info.backend_pid:
        return
    another = connection.copy()
    try:
        another.ensure_connection()
        ours, others = {_server_pid(connection)}, set()
        for _ in range(LOOKS):
            ours.add(_server_pid(connection))
            others.add(_server_pid(another))
    finally:
        another.close()
    if len(ours) > 1 or ours & others:
        raise BankError(NO_SESSION)


def _server_pid(asked: BaseDatabaseWrapper) -> int:
    """The server's process that runs this statement. (It is not prepared: a pooler may refuse that.)"""
    return asked.connection.execute("SELECT pg_backend_pid()", prepare=False).fetchone()[0]
