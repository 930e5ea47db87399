"""No time limits on our connections but those that are asked for: a busy machine must not look like a wrong answer."""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

# A limit that a server, a database or a role has. ("client": one that DATABASE_URL or a strategy asks for.)
REMOVE_LIMITS = """
SELECT set_config(name, '0', false) FROM pg_settings
WHERE setting <> '0' AND source NOT IN ('default', 'client', 'session')
AND name IN ('lock_timeout', 'statement_timeout', 'transaction_timeout', 'idle_session_timeout',
             'idle_in_transaction_session_timeout')
"""


def remove_time_limits(connection: BaseDatabaseWrapper, **_signal: Any) -> None:
    """Let a new connection wait for locks, and stand at a gate, as long as it takes.

    A role's `lock_timeout = '1ms'` ends right transfers, and the student would be told a reason that is none. Receiver
    of Django's signal connection_created; to the driver itself, as in isolation.py.
    """
    if connection.vendor == "postgresql":
        connection.connection.execute(REMOVE_LIMITS)
