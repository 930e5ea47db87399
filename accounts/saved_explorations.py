"""Explorations that are kept: each runs in a thread of this process, and is saved as it goes, for pages to show."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from accounts.errors import BankError
from accounts.exploration import Exploration, explore
from accounts.failures import describe
from accounts.models import SavedExploration
from accounts.scenarios import Plan, make_plan

MOST_SCHEDULES = 500  # more are sampled: a page shows each of them
MOST_S = 30
MOST_AT_ONCE = 2  # in one process; the others wait for their turn
SAVE_EVERY_S = 0.25
LOST_AFTER_S = 60  # longer than a schedule takes in which every step is waited for

log = logging.getLogger(__name__)
_places = threading.BoundedSemaphore(MOST_AT_ONCE)


class _TimeIsUp(BankError):
    """What was found by then is kept."""


def plan_of(saved: SavedExploration) -> Plan:
    """What is explored. Raises BankError for what cannot be."""
    return make_plan(
        transfer_with=saved.transfer_with,
        audit_with=saved.audit_with,
        accounts=saved.account_count,
        transfers=saved.transfers,
        audits=saved.audit_count,
        processes=saved.processes,
    )


def launch(saved: SavedExploration) -> threading.Thread:
    """Save it and begin to run its schedules, as soon as that is committed; do not wait for them.

    At most MOST_SCHEDULES are run, for at most MOST_S. Raises BankError, and saves nothing, for what cannot be.
    """
    plan = plan_of(saved)
    saved.save()
    thread = threading.Thread(target=_run, args=[saved.pk, plan], name=f"exploration {saved.pk}", daemon=True)
    transaction.on_commit(thread.start)
    return thread


def is_lost(saved: SavedExploration) -> bool:
    """Whether it counts as running, and nobody has said for LOST_AFTER_S that it does: its process was ended."""
    is_running = saved.state == SavedExploration.State.RUNNING
    return is_running and timezone.now() - saved.alive_at > timedelta(seconds=LOST_AFTER_S)


def _run(pk: int, plan: Plan) -> None:
    growth = _Growth(pk)
    try:
        with _a_place(pk):
            growth.begin()
            found = explore(plan, prune=False, limit=MOST_SCHEDULES, on_progress=growth.note, keep_timelines=True)
        _update(pk, state="finished", report=found.report(), timelines=found.timelines)
    except BankError as refusal:
        growth.end_early(str(refusal))
    except Exception as error:  # whatever it is: the page that waits must be told
        log.exception("Exploration %s failed", pk)
        growth.end_early(f"It failed: {describe(error)}")
    finally:
        connection.close()


@contextmanager
def _a_place(pk: int) -> Iterator[None]:
    while not _places.acquire(timeout=1):
        _update(pk)
    try:
        yield
    finally:
        _places.release()


class _Growth:
    """What has been found so far, saved now and then: a listing of the schedules; their timelines come at the end."""

    def __init__(self, pk: int) -> None:
        self._pk = pk
        self._found: Exploration | None = None

    def begin(self) -> None:
        self._began = self._saved = time.monotonic()

    def note(self, found: Exploration) -> None:
        """Raises _TimeIsUp after MOST_S."""
        self._found = found
        now = time.monotonic()
        if now - self._began > MOST_S:
            raise _TimeIsUp(
                f"Given up after {MOST_S} s: choose fewer transfers or audits, or run it in a terminal with "
                "`manage.py explore`. What was found by then is shown."
            )
        if now - self._saved > SAVE_EVERY_S:
            listing = [{"schedule": schedule, "verdict": verdict} for schedule, _weight, verdict in found.listing]
            _update(self._pk, report=found.report() | {"listing": listing})
            self._saved = time.monotonic()

    def end_early(self, reason: str) -> None:
        kept = {"report": self._found.report(), "timelines": self._found.timelines} if self._found else {}
        _update(self._pk, state="failed", reason=reason, **kept)


def _update(pk: int, **values: Any) -> None:
    SavedExploration.objects.filter(pk=pk).update(alive_at=timezone.now(), **values)
