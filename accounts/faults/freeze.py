"""SIGSTOP of a busy worker, if possible inside a transaction, so that it holds locks for as long as it stands still.

The database does not know that: it sees a session that is idle. All others that want the same rows wait. Then SIGCONT:
the worker goes on as if no time had passed, also when its job was given to another worker meanwhile. (signal(7).)
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil
from django.db import connection

from accounts.cluster.processes import Member, Role
from accounts.db.application_name import QUEUE, queue_name
from accounts.faults.target import Target

HOLD_S = 3
TRIES = 20
LOOK_AFTER_S = 0.1


def inject(target: Target) -> str:
    """Return what was done, when the worker goes on; "" if there was no busy one."""
    for tries_left in reversed(range(TRIES)):
        worker = target.pick(Role.BUSY)
        if worker is None:
            return ""
        with stopped(worker):
            target.over.wait(LOOK_AFTER_S)
            inside = is_transaction_open(target.cluster.queue)
            if inside or not tries_left:
                target.over.wait(HOLD_S)
                return f"SIGSTOP of {worker} for {HOLD_S} s{', inside a transaction' if inside else ''}"
    return ""


@contextmanager
def stopped(worker: Member) -> Iterator[None]:
    """Inside the block the worker is stopped; after it the worker goes on, whatever happens."""
    worker.process.suspend()
    try:
        yield
    finally:
        with suppress(psutil.Error):
            worker.process.resume()


def is_transaction_open(queue: str) -> bool:
    """Whether a session of this cluster has been idle inside a transaction for longer than one at work ever is."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT EXISTS (SELECT FROM pg_stat_activity WHERE {QUEUE} = %s"
            " AND state LIKE 'idle in transaction%%' AND state_change < now() - interval '50 ms')",
            [queue_name(queue)],
        )
        is_open: bool = cursor.fetchone()[0]
    return is_open
