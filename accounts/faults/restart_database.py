"""The embedded database is restarted: in an orderly way, as if it had crashed, or after an outage of 20 s.

Every connection breaks, and with it every transaction that was not committed. A worker that was in the middle of a
COMMIT cannot know whether it was done, until it reads the row.
(PostgreSQL documentation: 18.5 Shutting Down the Server.)
"""

from django.db import connection

from accounts.cluster.subprocesses import Subprocess, manage
from accounts.errors import BankError
from accounts.faults.target import Target

OUTAGE_S = 20
WAYS = [("fast", 0), ("immediate", 0), ("fast", OUTAGE_S)]


def refuse_if_impossible() -> None:
    """BankError unless the database is the embedded one."""
    if connection.settings_dict["ENGINE"] != "interleavings.postgres":
        raise BankError(
            "restart-database restarts the embedded database only: DATABASE_URL names a server of yours. "
            "Leave it out of --chaos, or unset DATABASE_URL."
        )


def inject(target: Target) -> str:
    """Return what was done, when the database is there again."""
    mode, away_s = target.draw.choice(WAYS)
    # As a program of its own, because the lock that keeps others from starting the server is a lock between processes.
    with Subprocess(manage("database", "restart", "--mode", mode, "--away", str(away_s))) as restart:
        restart.wait()
    return f"restart of the database ({mode}{f', {away_s} s away' if away_s else ''})"
