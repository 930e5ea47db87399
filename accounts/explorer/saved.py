"""Explorations that are kept: each runs in a thread of this process, and is saved as it goes, for pages to show."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from accounts.db.sqlstates import describe
from accounts.errors import BankError
from accounts.explorer.exploration import Exploration
from accounts.explorer.explore import explore
from accounts.explorer.plan import Plan, make_plan
from accounts.explorer.report import ExplorationReport, Listed, Timeline
from accounts.models import SavedExploration

MAX_SCHEDULES = 500  # so many are shown; of more, one of each kind of equivalent ones
MAX_DURATION_S = 30
MAX_AT_ONCE = 2  # in one process; the others wait for a slot
SAVE_EVERY_S = 0.25

log = logging.getLogger(__name__)
_slots = threading.BoundedSemaphore(MAX_AT_ONCE)


class EndedEarly(BankError):
    """The exploration was stopped; what it had found by then is kept."""


@dataclass(frozen=True)
class SavedReport:
    """What was saved of an exploration so far."""

    report: ExplorationReport | None  #: None: no schedule has been run
    listing: tuple[Listed, ...]  #: the schedules that were run, while the exploration runs
    timelines: tuple[Timeline, ...]  #: the same with their steps, when it has ended


def report_of(saved: SavedExploration) -> ExplorationReport | None:
    """The verdict so far; None before the first schedule was run."""
    return ExplorationReport.from_values(saved.report) if saved.report else None


def read_saved(saved: SavedExploration) -> SavedReport:
    """Everything that was saved so far."""
    return SavedReport(
        report=report_of(saved),
        listing=tuple(map(Listed.from_values, saved.report.get("listing", ()))),
        timelines=tuple(map(Timeline.from_values, saved.timelines)),
    )


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

    At most MAX_SCHEDULES are run, for at most MAX_DURATION_S. Raises BankError, and saves nothing, for what cannot be.
    """
    plan = plan_of(saved)
    saved.save()
    thread = threading.Thread(target=_run, args=[saved.pk, plan], name=f"exploration {saved.pk}")
    transaction.on_commit(thread.start)
    return thread


def _run(pk: int, plan: Plan) -> None:
    saver = ProgressSaver(pk)
    try:
        with _slot(pk):
            saver.begin()
            exploration = _explore(plan, saver)
        saver.finish(exploration)
    except BankError as refusal:
        saver.end_early(str(refusal))
    except Exception as error:  # whatever it is: the page that waits must be told
        log.exception("Exploration %s failed", pk)
        saver.end_early(f"It failed: {describe(error)}")
    finally:
        connection.close()


def _explore(plan: Plan, saver: "ProgressSaver") -> Exploration:
    """The verdict comes from one schedule of each kind; if all are few enough to be shown, each is run then."""
    run = partial(explore, plan, limit=MAX_SCHEDULES, on_progress=saver.note, keep_timelines=True)
    exploration = run()
    tally = exploration.tally
    is_shown_whole = tally.run_count == tally.schedule_count
    if not exploration.is_exhaustive or is_shown_whole or tally.schedule_count > MAX_SCHEDULES:
        return exploration
    saver.verdict, saver.shown_count = exploration.report(), tally.run_count
    return run(prune=False)


@contextmanager
def _slot(pk: int) -> Iterator[None]:
    """One of the MAX_AT_ONCE slots of this process; a heartbeat is sent while it is waited for."""
    while not _slots.acquire(timeout=1):
        _send_heartbeat(pk)
    try:
        yield
    finally:
        _slots.release()


class ProgressSaver:
    """Saves what has been found so far, every SAVE_EVERY_S: a listing of the schedules. Their steps come at the end."""

    def __init__(self, pk: int) -> None:
        self.verdict: ExplorationReport | None = None  #: the verdict on all schedules, once it is known
        self.shown_count = 0  #: schedules that pages show already: they will not show fewer
        self._pk = pk
        self._exploration: Exploration | None = None
        self._began_at = self._saved_at = time.monotonic()

    def begin(self) -> None:
        """The slot is taken: MAX_DURATION_S count from here."""
        self._began_at = self._saved_at = time.monotonic()

    def note(self, exploration: Exploration) -> None:
        """Raises EndedEarly after MAX_DURATION_S, when the program ends, and when the exploration was deleted."""
        self._exploration = exploration
        now = time.monotonic()
        if now - self._began_at > MAX_DURATION_S:
            raise EndedEarly(
                f"Given up after {MAX_DURATION_S} s: choose fewer transfers or audits, or run it in a terminal with "
                "`manage.py explore`. What was found by then is shown."
            )
        if now - self._saved_at > SAVE_EVERY_S:
            _send_heartbeat(self._pk, **self._news(exploration))
            self._saved_at = now

    def _news(self, exploration: Exploration) -> dict[str, Any]:
        if exploration.tally.run_count <= self.shown_count:
            return {}
        report = self.verdict or exploration.report()
        return {"report": report.as_values() | {"listing": [listed.as_values() for listed in exploration.listing]}}

    def finish(self, exploration: Exploration) -> None:
        """Save all of it: it has ended."""
        _update(self._pk, state=SavedExploration.State.FINISHED, **_kept(exploration.report(), exploration))

    def end_early(self, reason: str) -> None:
        """It was stopped. A verdict that was known is no less true because not every schedule could be shown."""
        connection.close()  # it may be the reason
        kept: dict[str, Any] = {}
        if self._exploration:
            kept = _kept(self.verdict or self._exploration.report(), self._exploration)
        _update(self._pk, state=SavedExploration.State.FAILED, reason=reason, **kept)


def _kept(report: ExplorationReport, exploration: Exploration) -> dict[str, Any]:
    timelines = [timeline.as_values() for timeline in exploration.timelines or []]
    return {"report": report.as_values(), "timelines": timelines}


def _send_heartbeat(pk: int, **values: Any) -> None:
    """Say that it still runs. Raises EndedEarly if the program ends, or if the row is gone.

    At the end of a program its main thread ends first, and then waits for the others.
    """
    if not threading.main_thread().is_alive():
        raise EndedEarly("The program that ran it was ended. What was found by then is shown.")
    if not _update(pk, **values):
        raise EndedEarly("It was deleted.")


def _update(pk: int, **values: Any) -> int:
    return SavedExploration.objects.filter(pk=pk).update(alive_at=timezone.now(), **values)
