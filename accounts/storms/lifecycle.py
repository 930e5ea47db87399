"""Ends storms before their time, as stopped or failed, and with each of them those that were to run after it."""

from django.db import transaction
from django_q.brokers import get_broker
from django_q.conf import Conf

from accounts.models import Storm


def end(storm: Storm, state: Storm.State, reason: str) -> bool:
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
