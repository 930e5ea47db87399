"""Launches storms without waiting for their plans: a thread of this process writes them, and pages show how far."""

import logging
import threading
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from django.db import connection, transaction
from django.utils import timezone

from accounts.db.advisory_locks import count_holders
from accounts.db.lock_numbers import PLANNING
from accounts.db.sqlstates import describe
from accounts.errors import BankError
from accounts.models import Storm
from accounts.storms.lifecycle import end_storm, start, written_whole
from accounts.storms.written_plan import enter, write_plan

BEGINS_WITHIN_S = 5  # from the COMMIT of the storm until its thread holds the lock, also on a busy machine
ENDED = "The program that planned it was ended: nothing of its plan was written. Launch it again."
ROW_BROKEN = "Another storm of its row was stopped or deleted before their plans were written."

log = logging.getLogger(__name__)


class NotPlannedAnyMore(Exception):
    """The storm was stopped or deleted while its plan was written: what was written is to be rolled back."""


def launch_in_background(storm: Storm, *, queue: str) -> threading.Thread:
    """Save the planned storm, with an empty bank, and return. As soon as that is committed, a thread writes its plan.

    The plan, its start and its jobs are one database transaction: all of it happens, or nothing. If the thread fails,
    the storm ends as failed and says why; if its process dies, is_lost() says so.
    """
    return launch_in_a_row([storm], queue=queue)


def launch_in_a_row(storms: Sequence[Storm], *, queue: str, by_hand: bool = False) -> threading.Thread:
    """As launch_in_background(), for several storms, each planned to run after the one before: all plans, or none.

    The first starts when the plans are written, each of the others at the end of the one before; or, `by_hand`, each
    with start_next(), also the first.
    """
    with transaction.atomic():
        for before, storm in zip([None, *storms], storms, strict=False):
            storm.after, storm.by_hand, storm.planned_count = before, by_hand, 0
            enter(storm, queue)
        pks = [storm.pk for storm in storms]
        thread = threading.Thread(target=_plan, args=[pks], name=f"plan of storm {pks[0]}")
        transaction.on_commit(thread.start)
    return thread


def is_being_planned(storm: Storm) -> bool:
    """Whether its plan is being written, or was to be."""
    return storm.state == Storm.State.PLANNED and storm.planned_count is not None


def is_lost(storm: Storm) -> bool:
    """Whether its plan was to be written, and the process that did so is gone: no connection holds the lock."""
    if not is_being_planned(storm) or timezone.now() - storm.created_at < timedelta(seconds=BEGINS_WITHIN_S):
        return False
    is_held = count_holders(*_planning_lock(storm.pk)) > 0
    # It may have started after the storm was read: then its row says so.
    return not is_held and Storm.objects.filter(pk=storm.pk, state=Storm.State.PLANNED).exists()


def _plan(pks: Sequence[int]) -> None:
    """The thread. It ends the storms for whatever goes wrong: the page that waits must be told."""
    storms = list(Storm.objects.select_related("bank").filter(pk__in=pks).order_by("pk"))
    try:
        if len(storms) < len(pks):  # one was deleted at once
            raise NotPlannedAnyMore
        _write_and_start(storms)
    except NotPlannedAnyMore:
        _stop_the_rest(pks)
    except BankError as refusal:
        end_storm(storms[0], Storm.State.FAILED, str(refusal))
    except Exception as error:
        log.exception("Storms %s could not be planned", pks)
        connection.close()  # it may be the reason
        end_storm(storms[0], Storm.State.FAILED, f"It could not be planned: {describe(error)}")
    finally:
        connection.close()


def _stop_the_rest(pks: Sequence[int]) -> None:
    """What is in a row with a storm that is no more. A storm alone has no rest."""
    for storm in Storm.objects.filter(pk__in=pks, state=Storm.State.PLANNED).order_by("pk"):
        end_storm(storm, Storm.State.STOPPED, ROW_BROKEN)


def _write_and_start(storms: Sequence[Storm]) -> None:
    """Those that are not started now are planned, with nothing left to write. Raises NotPlannedAnyMore."""
    news = News()
    first, pks = storms[0], [storm.pk for storm in storms]
    try:
        with written_whole(first):
            for pk in pks:
                _hold_planning_lock(pk)
            for storm in storms:
                write_plan(storm, on_progress=partial(news.tell, storm.pk))
            if not first.by_hand and not start(first):
                raise NotPlannedAnyMore
            unstarted = Storm.objects.filter(pk__in=pks if first.by_hand else pks[1:], state=Storm.State.PLANNED)
            if unstarted.update(planned_count=None) != len(pks) - (not first.by_hand):
                raise NotPlannedAnyMore
    finally:
        news.close()


def _hold_planning_lock(pk: int) -> None:
    """The database frees it with the transaction, whatever ends that."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", _planning_lock(pk))


def _planning_lock(pk: int) -> tuple[int, int]:
    """The lock that is held while the plan of this storm is written."""
    return PLANNING, pk % 2**31


class News:
    """Tells pages how much of each plan is written: on a connection of its own, which commits at once."""

    def __init__(self) -> None:
        self._connection = connection.copy()

    def tell(self, pk: int, written: int) -> None:
        """Raises NotPlannedAnyMore if the storm was stopped or deleted, BankError if the program ends.

        At the end of a program its main thread ends first, and then waits for the others.
        """
        if not threading.main_thread().is_alive():
            raise BankError(ENDED)
        with self._connection.cursor() as cursor:
            cursor.execute(
                "UPDATE accounts_storm SET planned_count = %s WHERE id = %s AND state = 'planned'", [written, pk]
            )
            if not cursor.rowcount:
                raise NotPlannedAnyMore

    def close(self) -> None:
        self._connection.close()
