"""Starts storms, one after another if they are in a row, and ends them early, as stopped or failed."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.cluster.redis_queue import QueueUnusable
from accounts.db.sql import ask
from accounts.errors import BankError
from accounts.models import Storm
from accounts.storms import jobs
from accounts.storms.queue import enqueue, forget_jobs

# The storm that starts by itself when this one has finished. It is asked at the end of every job.
FOLLOWING = """
SELECT following.id FROM accounts_storm AS finished JOIN accounts_storm AS following ON following.after_id = finished.id
WHERE finished.id = %s AND finished.state = 'finished' AND following.state = 'planned' AND NOT following.by_hand
"""


def end_storm(storm: Storm, state: Storm.State, reason: str) -> bool:
    """End a planned or running storm as stopped or failed. Returns False, and changes nothing, if it had ended already.

    What was applied stays applied, and what is pending stays pending. In one database transaction:

    1. The storm's state changes, if it is planned or running: of several that end it, one does.
    2. The storms that come after it in its row are stopped.
    3. Its jobs are taken out of the queue. This is seen together with its end, because those who wait for that may
       launch the next storm on the same queue at once. (A Redis that is away keeps them: they find nothing to do.)

    Workers that are at work on it finish the operation that they have begun. `storm` has its new state and reason.
    """
    not_ended = Storm.objects.filter(state__in=[Storm.State.PLANNED, Storm.State.RUNNING])
    with transaction.atomic():
        has_ended_now = bool(not_ended.filter(pk=storm.pk).update(state=state, reason=reason))
        if has_ended_now:
            later = [pk for pk in storm.row if pk > storm.pk]
            why = f"It was to run after storm {storm.pk}, which ended as {state}."
            not_ended.filter(pk__in=later).update(state=Storm.State.STOPPED, reason=why)
            with suppress(QueueUnusable):
                forget_jobs(storm)
    storm.refresh_from_db(fields=["state", "reason"])
    return has_ended_now


def start(storm: Storm, *, transfers_per_job: int | None = None) -> bool:
    """Start a planned storm: it runs, and its jobs are queued. Returns False, and does nothing, if it is not planned.

    Of several processes that start it at the same time, one does. Raises QueueUnusable as written_whole() does.
    """
    with written_whole(storm):
        planned = Storm.objects.filter(pk=storm.pk, state=Storm.State.PLANNED)
        now = timezone.now()
        if not planned.update(state=Storm.State.RUNNING, started_at=now):
            return False
        storm.state, storm.started_at = Storm.State.RUNNING, now
        ids = list(storm.transfers.order_by("pk").values_list("pk", flat=True))
        enqueue(storm, ids, list(range(storm.audit_count)), transfers_per_job=transfers_per_job)
    return True


@contextmanager
def written_whole(storm: Storm) -> Iterator[None]:
    """One database transaction, in which the storm starts.

    A queue in Redis gets the jobs after the COMMIT. If it refuses, the storm ends as failed: raises QueueUnusable.
    """
    try:
        with transaction.atomic():
            yield
    except QueueUnusable as refusal:
        end_storm(storm, Storm.State.FAILED, str(refusal))
        raise


def start_next(storm: Storm) -> Storm:
    """Start the storm of this one's row that is to be started by hand now. Raises BankError if it cannot be."""
    following = next_by_hand(storm.row)
    if following is None:
        raise BankError(f"Nothing can be started after {storm} now: the one before runs still, or the last has ended.")
    if following.planned_count is not None:
        raise BankError(f"The plan of {following} is being written: start it in a moment.")
    start(following)
    return following


def next_by_hand(row: Sequence[int]) -> Storm | None:
    """Of the storms in a row (primary keys), the one that waits to be started by hand. Needs one query.

    It is planned, or being planned, and the one before, if there is one, has finished.
    """
    is_its_turn = Q(after=None) | Q(after__state=Storm.State.FINISHED)
    return Storm.objects.filter(is_its_turn, pk__in=row, by_hand=True, state=Storm.State.PLANNED).first()


def run_job(storm_id: int, transfer_ids: list[int], audit_numbers: list[int]) -> str:
    """What a worker runs: one job of a storm. If the storm has finished then, the next one of its row is started.

    Workers know this function by name (queue.JOB_FUNCTION). Returns a line for the log.
    """
    line = jobs.run(storm_id, transfer_ids, audit_numbers)
    if following := ask(FOLLOWING, storm_id):
        start(Storm.objects.get(pk=following))
    return line
