"""Settings of the server for one statement of a session."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg

Connection = psycopg.Connection[Any]
STATUS = psycopg.pq.TransactionStatus

# Only the session whose step may close a circle of waits is given this. Then it is always that one that finds the
# deadlock and is refused, and a schedule has one outcome. If it finds none, it says so to its client.
DEADLOCK_CHECKED_AT_ONCE = {
    "deadlock_timeout": "1ms",
    "log_lock_waits": "on",
    "log_min_messages": "fatal",  # no word of it to the server's log
    "client_min_messages": "log",
}
_SAYS_IT = "ProcSleep"  # the function of PostgreSQL in which a session waits for a lock

# What makes a session slow to wake (choices.py): the messages of its wait, with a stack trace.
SLOW_TO_WAKE = {**DEADLOCK_CHECKED_AT_ONCE, "backtrace_functions": _SAYS_IT}


def is_about_wait(notice: psycopg.errors.Diagnostic) -> bool:
    """Whether the server says that a session has looked for a deadlock and waits on, or that its wait is over."""
    return notice.source_function == _SAYS_IT


# Before PostgreSQL 15, such a privilege could not be granted.
MAY_SET = "SELECT name FROM unnest(%s::text[]) AS name WHERE has_parameter_privilege(name, 'SET')"
MAY_SET_BEFORE_15 = """
SELECT name FROM pg_settings WHERE name = ANY(%s)
AND (context = 'user' OR (SELECT rolsuper FROM pg_roles WHERE rolname = current_user))
"""


def may_set(raw: Connection, settings: Iterable[str]) -> frozenset[str]:
    """The settings among these that the connection's user may change."""
    query = MAY_SET if raw.info.server_version >= 150_000 else MAY_SET_BEFORE_15
    return frozenset(name for (name,) in raw.execute(query, [list(settings)]).fetchall())


@contextmanager
def with_settings(raw: Connection, settings: Mapping[str, str]) -> Iterator[None]:
    """Executes what is inside with these settings of the server; then they are as before."""
    if settings and raw.info.transaction_status != STATUS.INERROR:
        _set(raw, {name: f"'{value}'" for name, value in settings.items()})
    try:
        yield
    finally:
        # If the statement ended the transaction, that has taken back the settings.
        if settings and not raw.closed and (raw.autocommit or raw.info.transaction_status == STATUS.INTRANS):
            _set(raw, dict.fromkeys(settings, "DEFAULT"))


def _set(raw: Connection, settings: Mapping[str, str]) -> None:
    scope = "SESSION" if raw.autocommit else "LOCAL"
    raw.execute("; ".join(f"SET {scope} {name} = {value}" for name, value in settings.items()).encode())
