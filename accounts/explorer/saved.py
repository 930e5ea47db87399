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

from accounts.db.sqlstates import describe
from accounts.errors import BankError
from accounts.explorer.explore import Exploration, Report, explore
from accounts.explorer.plan import Plan, make_plan
from accounts.models import SavedExploration

MOST_SCHEDULES = 500  # so many are shown; of more, one of each kind of equivalent ones
MOST_S = 30
MOST_AT_ONCE = 2  # in one process; the others wait for their turn
SAVE_EVERY_S = 0.25
LOST_AFTER_S = 60  # longer than a schedule takes in which every step is waited for

log = logging.getLogger(__name__)
_places = threading.BoundedSemaphore(MOST_AT_ONCE)


class _EndedEarly(BankError):
    """It is not gone on with; what was found by then is kept."""


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
    thread = threading.Thread(target=_run, args=[saved.pk, plan], name=f"exploration {saved.pk}")
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
            found = _explore(plan, growth)
        _update(pk, state="finished", report=found.report(), timelines=found.timelines)
    except BankError as refusal:
        growth.end_early(str(refusal))
    except Exception as error:  # whatever it is: the page that waits must be told
        log.exception("Exploration %s failed", pk)
        growth.end_early(f"It failed: {describe(error)}")
    finally:
        connection.close()


def _explore(plan: Plan, growth: "_Growth") -> Exploration:
    """The verdict comes from one schedule of each kind; if all are few enough to be shown, each is run then."""
    options = {"limit": MOST_SCHEDULES, "on_progress": growth.note, "keep_timelines": True}
    found = explore(plan, **options)
    tally = found.tally
    if not found.is_exhaustive or tally.run_count == tally.schedule_count or tally.schedule_count > MOST_SCHEDULES:
        return found
    growth.verdict, growth.shown = found.report(), tally.run_count
    return explore(plan, prune=False, **options)


@contextmanager
def _a_place(pk: int) -> Iterator[None]:
    while not _places.acquire(timeout=1):
        _go_on(pk)
    try:
        yield
    finally:
        _places.release()


class _Growth:
    """What has been found so far, saved now and then: a listing of the schedules; their timelines come at the end."""

    def __init__(self, pk: int) -> None:
        self.verdict: Report | None = None  # once it is known
        self.shown = 0  # schedules that pages show already: they will not show fewer
        self._pk = pk
        self._found: Exploration | None = None

    def begin(self) -> None:
        self._began = self._saved = time.monotonic()

    def note(self, found: Exploration) -> None:
        """Raises _EndedEarly after MOST_S, when the program ends, and when the exploration was deleted."""
        self._found = found
        now = time.monotonic()
        if now - self._began > MOST_S:
            raise _EndedEarly(
                f"Given up after {MOST_S} s: choose fewer transfers or audits, or run it in a terminal with "
                "`manage.py explore`. What was found by then is shown."
            )
        if now - self._saved > SAVE_EVERY_S:
            _go_on(self._pk, **self._news(found))
            self._saved = now

    def _news(self, found: Exploration) -> dict[str, Any]:
        if found.tally.run_count <= self.shown:
            return {}
        listing = [
            {"schedule": schedule, "verdict": verdict, "weight": weight} for schedule, weight, verdict in found.listing
        ]
        return {"report": (self.verdict or found.report()) | {"listing": listing}}

    def end_early(self, reason: str) -> None:
        connection.close()  # it may be the reason
        kept: dict[str, Any] = {}
        if self._found:  # a verdict that was known is no less true because not every schedule could be shown
            kept = {"report": self.verdict or self._found.report(), "timelines": self._found.timelines}
        _update(self._pk, state="failed", reason=reason, **kept)


def _go_on(pk: int, **values: Any) -> None:
    """Say that it still runs. (At the end of a program, its main thread ends first and waits for the others.)"""
    if not threading.main_thread().is_alive():
        raise _EndedEarly("The program that ran it was ended. What was found by then is shown.")
    if not _update(pk, **values):
        raise _EndedEarly("It was deleted.")


def _update(pk: int, **values: Any) -> int:
    return SavedExploration.objects.filter(pk=pk).update(alive_at=timezone.now(), **values)
