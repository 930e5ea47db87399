"""Whether anybody still works on a running storm; if nobody does, why not, and what to do."""

from datetime import timedelta

from django.db import connection
from django.db.models import Max
from django.utils import timezone
from django_q.conf import Conf

from accounts.cluster.subprocesses import running_worker_count
from accounts.db.application_name import QUEUE, queue_name
from accounts.models import Storm

QUIET_S = 5  # a heartbeat may come late on a busy machine
DESERTED_S = 30  # private workers that die are replaced in less

NO_WORKER = "No worker is running: start some with `manage.py qcluster`, and the storm goes on."
DESERTED = (
    "Nobody works on it any more: the command that started it has ended before its storm did. "
    "Stop it, and let what was done be judged."
)


def what_is_missing(storm: Storm) -> str:
    """A sentence for whoever waits for a running storm that cannot come on; "" where somebody works, or just did."""
    if storm.state != Storm.State.RUNNING:
        return ""
    if storm.queue == Conf.CLUSTER_NAME:
        return NO_WORKER if not running_worker_count() and _is_quiet(storm, QUIET_S) else ""
    return DESERTED if not _has_sessions(storm.queue) and _is_quiet(storm, DESERTED_S) else ""


def _has_sessions(queue: str) -> bool:
    """A private cluster's connections carry the name of its queue (`workers.Cluster`)."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT FROM pg_stat_activity WHERE {QUEUE} = %s)", [queue_name(queue)])
        (found,) = cursor.fetchone()
    return found


def _is_quiet(storm: Storm, quiet_s: float) -> bool:
    last = storm.transfers.aggregate(last=Max("ended_at"))["last"] or storm.started_at or storm.created_at
    return timezone.now() - last > timedelta(seconds=quiet_s)
