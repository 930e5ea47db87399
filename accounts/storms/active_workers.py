"""Who is at work on a storm, as the database knows it: no clock is asked, and workers that were killed count rightly.

A worker holds an advisory lock for as long as it works, on the very connection that it works with. If it dies, the
server gives up the lock only after it has finished, or rolled back, what that connection was at.
(PostgreSQL documentation: 13.3.5 Advisory Locks; 53.13 pg_locks.)
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, InterfaceError, connection

OURS = 44_501  # the first of each lock's two numbers; the second is the storm's. (advisory_lock uses single numbers.)
COUNT = """
SELECT count(DISTINCT pid) FROM pg_locks
WHERE locktype = 'advisory' AND objsubid = 2 AND classid::bigint = %s AND objid::bigint = %s
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


@contextmanager
def at_work(storm_id: int) -> Iterator[None]:
    """While the block lasts, everybody can see that this connection works on the storm. Nobody ever waits for that."""
    _execute("SELECT pg_advisory_lock_shared(%s, %s)", storm_id)
    try:
        yield
    finally:
        _leave(storm_id)


def count_at_work(storm_id: int) -> int:
    """How many connections are at work on the storm now, on whatever machine."""
    return _execute(COUNT, storm_id)


def _leave(storm_id: int) -> None:
    try:
        _execute("SELECT pg_advisory_unlock_shared(%s, %s)", storm_id)
    except (DatabaseError, InterfaceError):
        connection.close()  # it is lost, and the lock with it; or it must not go on with a lock that nobody gives up


def _execute(sql: str, storm_id: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, [OURS, storm_id % 2**31])
        return cursor.fetchone()[0]
