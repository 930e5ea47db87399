"""What each worker did in a window of time, for the picture with a lane for each."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import Aggregate, Max
from django.utils import timezone

from accounts.evidence.narrative import count
from accounts.models import Storm
from accounts.reporting import charts
from accounts.reporting.fault_list import FaultList, faults_of
from accounts.reporting.timeline_bars import Bars, evenly_chosen, narrowed

SPAN_S = 0.5
NOTED_AFTER_S = 1.5  # a worker notes the ends of its operations once a second
MAX_LIVE_ROWS = 20  # of a table that is sent every second


class Move(NamedTuple):
    """A link that moves the window."""

    #: Unique on the page.
    name: str
    text: str
    to: charts.Window


@dataclass(frozen=True)
class WorkerTimeline:
    """The picture of the workers, and what stands around it."""

    storm: Storm
    window: charts.Window
    #: How wide a window was asked for, in seconds; None if it is as narrow as it must be.
    span_asked_s: float | None
    #: How long the storm took; while it runs, up to where all ends are noted. 0 if nothing is noted yet.
    duration_s: float
    #: The window moves with the storm.
    follows: bool
    bars: Bars
    faults: FaultList
    lanes: charts.Lanes

    @property
    def is_live(self) -> bool:
        return not self.storm.has_ended

    @property
    def listed_operations(self) -> Sequence[charts.Operation]:
        """The operations in the table below the picture: while the window follows the storm, the last of them."""
        return self.bars.operations[-MAX_LIVE_ROWS:] if self.follows else self.bars.operations

    @property
    def window_in_words(self) -> str:
        """ "1.000 s to 1.500 s, of 12.345 s."""
        return f"{self.window.at_s:.3f} s to {self.window.end_s:.3f} s, of {self.duration_s:.3f} s."

    @property
    def drawn_in_words(self) -> str:
        """ "12 operations are drawn."""
        drawn = sum(operation.count for operation in self.bars.operations)
        return f"{count(drawn, 'operation')} {'is' if drawn == 1 else 'are'} drawn."

    @property
    def moves(self) -> list[Move]:
        window = self.window
        return [
            Move("earlier", "Earlier", window.earlier()),
            Move("later", "Later", window.later()),
            Move("closer", "Zoom in", window.closer()),
            Move("wider", "Zoom out", window.wider()),
        ]


def observe_workers(storm: Storm, *, at: str | None, span: str | None) -> WorkerTimeline:
    """The window that begins at `at` seconds of the storm and is `span` seconds wide, as they were typed in.

    Without `at`: what happened last, while the storm runs; else when half of it was done. Without `span`, the window is
    as narrow as it must be for all that is in it to be drawn; of what is in a wide one that was asked for, an even
    choice of as many as fit. What is no number counts as not given. Needs four queries at the most.
    """
    begin = storm.started_at or storm.created_at
    at_s, span_s, is_live = _number(at), _number(span), not storm.has_ended
    duration_s, middle_s = _times_s(storm, begin)
    window = _window(at_s, span_s, duration_s=duration_s, middle_s=middle_s, is_live=is_live)
    bars = Bars([], 0)
    if duration_s and span_s is not None:
        bars = evenly_chosen(storm, begin, window)
    elif duration_s:
        pivot = 0.0 if at_s is not None else 1.0 if is_live else 0.5
        window, bars = narrowed(storm, begin, window, pivot)
    faults = faults_of(storm, begin)
    return WorkerTimeline(
        storm=storm,
        window=window,
        span_asked_s=window.span_s if span_s is not None else None,
        duration_s=duration_s,
        follows=is_live and at_s is None,
        bars=bars,
        faults=faults,
        lanes=charts.draw_lanes(bars.operations, faults.marks, window, end_s=duration_s),
    )


class Middle(Aggregate):
    """The value that half of the others come before."""

    function = "PERCENTILE_DISC"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"


def _times_s(storm: Storm, begin: datetime) -> tuple[float, float]:
    """Its duration: from the start to the last end that was noted. And when half of its transfers had ended.

    While the storm runs, both are the moment up to which all ends are noted.
    """
    if storm.state == Storm.State.PLANNED:
        return 0.0, 0.0
    if storm.state == Storm.State.RUNNING:
        now_s = max(0.0, _seconds(begin, timezone.now()) - NOTED_AFTER_S)
        return now_s, now_s
    transfers = storm.transfers.aggregate(end=Max("ended_at"), middle=Middle("ended_at"))
    ends = [transfers["end"], storm.audits.aggregate(end=Max("ended_at"))["end"]]
    duration_s = max((_seconds(begin, end) for end in ends if end), default=0.0)
    return duration_s, _seconds(begin, transfers["middle"]) if transfers["middle"] else duration_s / 2


def _seconds(begin: datetime, end: datetime) -> float:
    return round((end - begin).total_seconds(), 3)


def _window(
    at_s: float | None, span_s: float | None, *, duration_s: float, middle_s: float, is_live: bool
) -> charts.Window:
    """The window that is asked for, within the storm; or the one to begin with."""
    span_s = min(max(span_s or SPAN_S, charts.MIN_SPAN_S), charts.MAX_SPAN_S)
    if at_s is None:
        at_s = duration_s - span_s if is_live else middle_s - span_s / 2
    return charts.Window(round(min(max(at_s, 0.0), duration_s), 4), span_s)


def _number(text: str | None) -> float | None:
    """What was typed in, if it is a number."""
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None
