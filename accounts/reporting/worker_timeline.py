"""What each worker did in a window of time, for the picture with a lane for each."""

import math
from datetime import datetime
from typing import Any

from django.db.models import Aggregate, Max
from django.utils import timezone

from accounts.models import Storm
from accounts.reporting import charts
from accounts.reporting.fault_list import faults_of
from accounts.reporting.storm_page import LIVE
from accounts.reporting.timeline_bars import even_choice, narrowed

SPAN_S = 0.5
NOTED_AFTER_S = 1.5  # a worker notes the ends of its operations once a second


def observe_workers(storm: Storm, *, at: str | None, span: str | None) -> dict[str, Any]:
    """The window that begins at `at` seconds of the storm and is `span` wide, as they were typed in.

    Without `at`: what happened last, while the storm runs; else when half of it was done. `follows` says whether the
    window moves with the storm. Without `span`, the window is as narrow as it must be for all that is in it to be
    drawn; of what is in a wide one that was asked for, an even choice of as many as fit.
    """
    begin = storm.started_at or storm.created_at
    duration_s, middle_s = _times_s(storm, begin)
    is_live = storm.state in LIVE
    window = _window(at, span, duration_s=duration_s, middle_s=middle_s, is_live=is_live)
    operations, bar_count = [], 0
    if duration_s and _number(span) is not None:
        operations, bar_count = even_choice(storm, begin, window)
    elif duration_s:
        pivot = 0.0 if _number(at) is not None else 1.0 if is_live else 0.5
        window, operations, bar_count = narrowed(storm, begin, window, pivot)
    faults = faults_of(storm, begin)
    marks = [fault.mark for fault in faults if fault.mark]
    return {
        "window": window,
        "span_asked": window.span_s if _number(span) is not None else None,
        "duration_s": duration_s,
        "is_live": is_live,
        "follows": is_live and _number(at) is None,
        "lanes": charts.draw_lanes(operations, marks, window, end_s=duration_s),
        "operations": operations,
        "operation_count": sum(operation.count for operation in operations),
        "bar_count": bar_count,
        "faults": faults,
        "faults_left_out": len(storm.faults) - len(faults),
        "moves": _moves(window),
    }


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


def _window(at: str | None, span: str | None, *, duration_s: float, middle_s: float, is_live: bool) -> charts.Window:
    span_s = min(max(_number(span) or SPAN_S, charts.SHORTEST_S), charts.LONGEST_S)
    at_s = _number(at)
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


def _moves(window: charts.Window) -> list[tuple[str, str, charts.Window]]:
    """The links that move the window: their ids, their texts, where they lead."""
    return [
        ("earlier", "Earlier", window.earlier()),
        ("later", "Later", window.later()),
        ("closer", "Zoom in", window.closer()),
        ("wider", "Zoom out", window.wider()),
    ]
