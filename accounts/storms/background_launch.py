"""Launches a storm without waiting for its plan: a thread of this process writes it, while pages show how far it is."""

import logging
import threading
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from accounts.db.lock_numbers import PLANNING
from accounts.db.sqlstates import describe
from accounts.errors import BankError
from accounts.models import Storm
from accounts.storms.lifecycle import end_storm, start, written_whole
from accounts.storms.written_plan import enter, write_plan

BEGINS_WITHIN_S = 5  # from the COMMIT of the storm until its thread holds the lock, also on a busy machine
ENDED = "The program that planned it was ended: nothing of its plan was written. Launch it again."

log = logging.getLogger(__name__)

HOLDERS = """
SELECT count(*) FROM pg_locks
WHERE locktype = 'advisory' AND objsubid = 2 AND classid::bigint = %s AND objid::bigint = %s
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


class NotPlannedAnyMore(Exception):
    """The storm was stopped or deleted while its plan was written: what was written is to be rolled back."""


def launch_in_background(storm: Storm, *, queue: str) -> threading.Thread:
    """Save the planned storm, with an empty bank, and return. As soon as that is committed, a thread writes its plan.

    The plan, its start and its jobs are one database transaction: all of it happens, or nothing. If the thread fails,
    the storm ends as failed and says why; if its process dies, is_lost() says so.
    """
    storm.planned_count = 0
    enter(storm, queue)
    thread = threading.Thread(target=_plan, args=[storm.pk], name=f"plan of storm {storm.pk}")
    transaction.on_commit(thread.start)
    return thread


def is_being_planned(storm: Storm) -> bool:
    """Whether its plan is being written, or was to be."""
    return storm.state == Storm.State.PLANNED and storm.planned_count is not None


def is_lost(storm: Storm) -> bool:
    """Whether its plan was to be written, and the process that did so is gone: no connection holds the lock."""
    if not is_being_planned(storm) or timezone.now() - storm.created_at < timedelta(seconds=BEGINS_WITHIN_S):
        return False
    with connection.cursor() as cursor:
        cursor.execute(HOLDERS, [PLANNING, storm.pk % 2**31])
        (holders,) = cursor.fetchone()
    # It may have started after the storm was read: then its row says so.
    return not holders and Storm.objects.filter(pk=storm.pk, state=Storm.State.PLANNED).exists()


def _plan(pk: int) -> None:
    """The thread. It ends the storm as failed for whatever goes wrong: the page that waits must be told."""
    storm = Storm.objects.select_related("bank").get(pk=pk)
    try:
        _write_and_start(storm)
    except NotPlannedAnyMore:
        pass
    except BankError as refusal:
        end_storm(storm, Storm.State.FAILED, str(refusal))
    except Exception as error:
        log.exception("Storm %s could not be planned", pk)
        connection.close()  # it may be the reason
        end_storm(storm, Storm.State.FAILED, f"It could not be planned: {describe(error)}")
    finally:
        connection.close()


def _write_and_start(storm: Storm) -> None:
    news = News(storm.pk)
    try:
        with written_whole(storm):
            with connection.cursor() as cursor:  # the database frees it with the transaction, whatever ends that
                cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [PLANNING, storm.pk % 2**31])
            write_plan(storm, on_progress=news.tell)
            if not start(storm):
                raise NotPlannedAnyMore
    finally:
        news.close()


class News:
    """Tells pages how much of a plan is written: on a connection of its own, which commits at once."""

    def __init__(self, pk: int) -> None:
        self._pk = pk
        self._connection = connection.copy()

    def tell(self, written: int) -> None:
        """Raises NotPlannedAnyMore if the storm was stopped or deleted, BankError if the program ends.

        At the end of a program its main thread ends first, and then waits for the others.
        """
        if not threading.main_thread().is_alive():
            raise BankError(ENDED)
        with self._connection.cursor() as cursor:
            cursor.execute(
                "UPDATE accounts_storm SET planned_count = %s WHERE id = %s AND state = 'planned'", [written, self._pk]
            )
            if not cursor.rowcount:
                raise NotPlannedAnyMore

    def close(self) -> None:
        self._connection.close()
