"""Which sessions of this database wait for a lock at this moment, and who holds what they wait for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db import connection

from accounts.db.application_name import worker_of
from accounts.reporting.charts.names import Worker
from accounts.reporting.charts.statements import shorten

MAX_SESSIONS = 24
MAX_SQL = 150  # characters

# pg_blocking_pids() needs the lock manager for itself for a moment: it is asked only for those that do wait.
SESSIONS = """
SELECT pid,
    CASE WHEN wait_event_type = 'Lock' THEN pg_blocking_pids(pid) ELSE '{}' END,
    greatest(0, extract(epoch FROM clock_timestamp() - query_start) * 1000)::bigint,
    coalesce(query, ''),
    coalesce(application_name, '')
FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
ORDER BY pid
LIMIT 1000
"""


class Session(NamedTuple):
    """A connection to the database."""

    pid: int
    #: The pids of the sessions that hold what it waits for, or will get it first.
    waits_for: tuple[int, ...]
    #: How long its present statement has run.
    statement_ms: int
    sql: str
    #: Who opened it, if that is known: "23152:thread_3".
    worker: str = ""

    @property
    def name(self) -> str:
        """Its name in the picture of the workers; a number that only the server knows says that it is one."""
        return Worker.of(self.worker).label() if self.worker else f"session {self.pid} of the server"

    @property
    def short_sql(self) -> str:
        return shorten(self.sql, MAX_SQL)


@dataclass(frozen=True)
class WaitLine:
    """One session in the table."""

    session: Session
    #: The names of those that it waits for; empty if it only holds what others wait for.
    waits_for: list[str]


@dataclass(frozen=True)
class LockWaits:
    """The sessions that wait, and those that they wait for."""

    lines: list[WaitLine]
    #: How many sessions wait.
    waiting: int
    #: How many lines there would be more.
    left_out: int


NO_WAITS = LockWaits([], waiting=0, left_out=0)


def observe_waits() -> LockWaits:
    """Who waits for whom now. Needs one query."""
    with connection.cursor() as cursor:
        cursor.execute(SESSIONS)
        return lock_waits(
            [Session(pid, tuple(pids), ms, sql, worker_of(name)) for pid, pids, ms, sql, name in cursor.fetchall()]
        )


def lock_waits(sessions: Sequence[Session]) -> LockWaits:
    """Sessions that wait for no other come first, then the others, the longest wait first. Others have no line."""
    waited_for = {pid for session in sessions for pid in session.waits_for}
    involved = [session for session in sessions if session.waits_for or session.pid in waited_for]
    in_order = sorted(involved, key=lambda session: (bool(session.waits_for), -session.statement_ms, session.pid))
    names = {session.pid: session.name for session in sessions}
    lines = [
        WaitLine(session, [names.get(pid, f"session {pid} of the server") for pid in session.waits_for])
        for session in in_order[:MAX_SESSIONS]
    ]
    waiting = sum(bool(session.waits_for) for session in sessions)
    return LockWaits(lines, waiting=waiting, left_out=len(in_order) - len(lines))
