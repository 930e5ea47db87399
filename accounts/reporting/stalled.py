"""Whether a running storm can make progress; if it cannot, why not, and what to do."""

from datetime import timedelta

from django.db import connection
from django.db.models import Max
from django.utils import timezone
from django_q.conf import Conf

from accounts.cluster.subprocesses import running_worker_count
from accounts.db.application_name import QUEUE, queue_name
from accounts.models import Storm
from accounts.storms.background_launch import ENDED, is_lost

QUIET_S = 5  # a heartbeat may come late on a busy machine
ABANDONED_S = 30  # private workers that die are replaced in less

NO_WORKER = "No worker is running: start some with `manage.py qcluster`, and the storm goes on."
ABANDONED = (
    "No worker works on it any more: the command that started it has ended before its storm did. "
    'On its page, press "Stop", then "Check the audits so far".'
)


def what_is_missing(storm: Storm) -> str:
    """Why a storm makes no progress, and what to do; "" if it makes progress, just did, or is not to.

    1. Its plan was being written, and the process that did so is gone.
    2. On the queue that is shared: no worker is running, and nothing has ended for QUIET_S.
    3. On a queue of its own: no session of its workers is left, and nothing has ended for ABANDONED_S.
    """
    if is_lost(storm):
        return ENDED
    if storm.state != Storm.State.RUNNING:
        return ""
    if storm.queue == Conf.CLUSTER_NAME:
        return NO_WORKER if not running_worker_count() and _is_quiet(storm, QUIET_S) else ""
    return ABANDONED if not _has_sessions(storm.queue) and _is_quiet(storm, ABANDONED_S) else ""


def _has_sessions(queue: str) -> bool:
    """Whether workers of a private cluster are connected: their connections carry the name of its queue."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT FROM pg_stat_activity WHERE {QUEUE} = %s)", [queue_name(queue)])
        (exists,) = cursor.fetchone()
    return bool(exists)


def _is_quiet(storm: Storm, quiet_s: float) -> bool:
    """Whether no transfer has ended for so long; before the first one, since the start."""
    last = storm.transfers.aggregate(last=Max("ended_at"))["last"] or storm.started_at or storm.created_at
    return timezone.now() - last > timedelta(seconds=quiet_s)
