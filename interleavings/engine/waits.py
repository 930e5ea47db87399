"""Who waits for whom: asked of the database, and whether that is a circle."""

import time
from collections.abc import Iterable, Mapping

from django.db import connection

from interleavings.engine.session import Session

#: the sessions that wait, and the sessions that each of them waits for
Waits = Mapping[str, list[str]]

# PostgreSQL documentation, 52.12 pg_locks: waitstart "can be null for a very short period of time after the wait
# started".
_AGE_OF_WAITS = """
SELECT pid, extract(epoch FROM clock_timestamp() - waitstart)::float8 FROM pg_locks
WHERE NOT granted AND pid = ANY(%s)
"""


def ask_database(running: Iterable[Session], sessions: Iterable[Session]) -> dict[str, list[str]]:
    """Which of the `running` sessions wait in the database for others of the `sessions`. Asks once.

    A transaction that is SERIALIZABLE READ ONLY DEFERRABLE waits before its first statement until all others that are
    SERIALIZABLE have ended; PostgreSQL names those by another function.

    The answer need not have been true at any one moment: PostgreSQL looks at one session after the other.
    """
    # Each pid is read once: a session that is just connecting gets one at any moment.
    names = {pid: session.name for session in sessions if (pid := session.pid) is not None}
    running_names = {session.name for session in running}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid, pg_blocking_pids(pid) || pg_safe_snapshot_blocking_pids(pid) FROM unnest(%s::int[]) AS pid",
            [[pid for pid, name in names.items() if name in running_names]],
        )
        answers = {names[pid]: [names[other] for other in others if other in names] for pid, others in cursor}
    return {name: others for name, others in answers.items() if others}


def begun_since(since_s: float, sessions: Iterable[Session]) -> set[str]:
    """Those of the sessions whose present wait for a lock in the database began after that moment (time.monotonic()).

    Only durations are compared, as the clock of the server may be another one. A wait that began shortly before may be
    among them.
    """
    names = {session.pid: session.name for session in sessions}
    with connection.cursor() as cursor:
        cursor.execute(_AGE_OF_WAITS, [list(names)])
        period_s = time.monotonic() - since_s
        return {names[pid] for pid, age_s in cursor if age_s is None or age_s <= period_s}


def have_circle(waits: Waits) -> bool:
    """Whether sessions wait for each other in a circle, which the database is about to break."""
    return any(name in _all_awaited_by(name, waits) for name in waits)


def _all_awaited_by(name: str, waits: Waits) -> set[str]:
    """The sessions that this one waits for, directly or through others."""
    awaited: set[str] = set()
    to_visit = list(waits[name])
    while to_visit:
        other = to_visit.pop()
        if other not in awaited:
            awaited.add(other)
            to_visit += waits.get(other, [])
    return awaited
