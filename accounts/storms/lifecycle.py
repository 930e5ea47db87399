"""Starts storms, one after another if they are in a row, and ends them before their time, as stopped or failed."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.conf import Conf

from accounts.errors import BankError
from accounts.models import Storm
from accounts.storms import jobs
from accounts.storms.queue import enqueue


def end_storm(storm: Storm, state: Storm.State, reason: str) -> bool:
    """End a planned or running storm as stopped or failed, and stop those that were to run after it.

    What was applied stays applied, what is pending stays pending. False if it had ended already: then nothing changes.
    """
    going = Storm.objects.filter(state__in=[Storm.State.PLANNED, Storm.State.RUNNING])
    with transaction.atomic():
        ended = going.filter(pk=storm.pk).update(state=state, reason=reason)
        if ended:
            before = f"It was to run after storm {storm.pk}, which ended as {state}."
            going.filter(pk__in=_those_after(storm)).update(state=Storm.State.STOPPED, reason=before)
            _forget_jobs(storm)
    storm.refresh_from_db(fields=["state", "reason"])
    return bool(ended)


def _forget_jobs(storm: Storm) -> None:
    """Empty its private queue, before others can see that it has ended: they may launch the next storm on it then."""
    if storm.queue != Conf.CLUSTER_NAME:  # on the shared queue, its jobs find it ended and do nothing
        get_broker(storm.queue).purge_queue()


def _those_after(storm: Storm) -> list[int]:
    """The primary keys of the storms that come after this one in its row."""
    return [pk for pk in storm.row if pk > storm.pk]


def start(storm: Storm, *, transfers_per_job: int | None = None) -> bool:
    """Start a storm that was written; False if another worker got there first, or it was stopped meanwhile."""
    with transaction.atomic():
        planned = Storm.objects.filter(pk=storm.pk, state=Storm.State.PLANNED)
        now = timezone.now()
        if not planned.update(state=Storm.State.RUNNING, started_at=now):
            return False
        storm.state, storm.started_at = Storm.State.RUNNING, now
        ids = list(storm.transfers.order_by("pk").values_list("pk", flat=True))
        enqueue(storm, ids, list(range(storm.audit_count)), transfers_per_job=transfers_per_job)
    return True


def start_next(storm: Storm) -> Storm:
    """Start the storm of this one's row that is to be started by hand now. Raises BankError if there is none."""
    following = next_by_hand(Storm.objects.filter(pk__in=storm.row).order_by("pk"))
    if following is None:
        raise BankError(f"Nothing can be started after {storm} now: the one before runs still, or the last has ended.")
    start(following)
    return following


def next_by_hand(row: Iterable[Storm]) -> Storm | None:
    """Of storms in a row, the one that waits for somebody to start it: the one before it has finished."""
    before = None
    for storm in row:
        if storm.by_hand and storm.state == Storm.State.PLANNED and before == Storm.State.FINISHED:
            return storm
        before = storm.state
    return None


def run_job(storm_id: int, transfer_ids: list[int], audit_numbers: list[int]) -> str:
    """What a worker runs: one job of a storm and, if that storm is now finished, the start of the one after it."""
    said = jobs.run(storm_id, transfer_ids, audit_numbers)
    following = Storm.objects.filter(after=storm_id, state=Storm.State.PLANNED, by_hand=False).first()
    if following and Storm.objects.filter(pk=storm_id, state=Storm.State.FINISHED).exists():
        start(following)
    return said
