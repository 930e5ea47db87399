"""Which sessions of this database wait for a lock at this moment, and who holds what they wait for."""

from typing import Any

from django.db import connection

from accounts.db.application_name import worker_of
from accounts.reporting import charts

# pg_blocking_pids() needs the lock manager for itself for a moment: it is asked only for those that do wait.
SESSIONS = """
SELECT pid,
    CASE WHEN wait_event_type = 'Lock' THEN pg_blocking_pids(pid) ELSE '{}' END,
    greatest(0, extract(epoch FROM clock_timestamp() - query_start) * 1000)::bigint,
    coalesce(state, ''),
    coalesce(query, ''),
    coalesce(application_name, '')
FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
ORDER BY pid
LIMIT 1000
"""


def observe_waits() -> dict[str, Any]:
    """How many wait now, and the picture of who waits for whom."""
    with connection.cursor() as cursor:
        cursor.execute(SESSIONS)
        sessions = [
            charts.Session(pid, tuple(pids), ms, state, sql, worker_of(name))
            for pid, pids, ms, state, sql, name in cursor.fetchall()
        ]
    return {
        "waiting": sum(bool(session.waits_for) for session in sessions),
        "waits": charts.draw_waits(sessions),
    }
