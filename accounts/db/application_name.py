"""Which worker a database session belongs to, by its application_name.

"private-1a2b3c 23152:thread_0" is thread_0 of the worker process 23152, which takes jobs from the queue private-1a2b3c.
(PostgreSQL shows the name in pg_stat_activity. It does not know the client's process: its pid is that of a server's.)
"""

import os
import re
from typing import Any

from django.db import connection

QUEUE = "split_part(application_name, ' ', 1)"  # SQL: the queue that a session's worker takes its jobs from
MAX_QUEUE_LENGTH = 40  # characters; PostgreSQL keeps 63 in all

WORKER = re.compile(r"\S* (\d+(?::\w+)?)")


def queue_name(queue: str) -> str:
    """As much of a queue's name as its sessions carry."""
    return queue[:MAX_QUEUE_LENGTH]


def worker_of(application_name: str) -> str:
    """The worker that opened the session ("23152" or "23152:thread_0"); "" if it was no worker of ours."""
    match = WORKER.fullmatch(application_name)
    return match[1] if match else ""


def name_process(**_signal: Any) -> None:
    """Let all connections that this worker will open carry its number. (They cost nothing: libpq reads PGAPPNAME.)"""
    queue = os.environ.get("PGAPPNAME", "").partition(" ")[0]
    os.environ["PGAPPNAME"] = f"{queue_name(queue)} {os.getpid()}"


def name_thread(thread: str) -> None:
    """Let this thread's connection, which is not open yet, carry the name of its worker and its own."""
    process = os.environ.get("PGAPPNAME", "")
    if worker_of(process) and connection.vendor == "postgresql":
        options = connection.settings_dict["OPTIONS"] | {"application_name": f"{process}:{thread}"}
        connection.settings_dict = connection.settings_dict | {"OPTIONS": options}
