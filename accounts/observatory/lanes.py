"""What each worker did in a window of time, for the picture with a lane for each."""

import math
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts import charts
from accounts.models import Audit, Storm, Transfer
from accounts.observatory.now import LIVE, kind_of

MOST_OPERATIONS = 300
SPAN_S = 0.5
NOTED_AFTER_S = 1.5  # a worker notes the ends of its operations once a second
MOST_FAULTS = 50


def observe_workers(storm: Storm, *, at: str | None, span: str | None) -> dict[str, Any]:
    """The window that begins at `at` seconds of the storm and is `span` wide, as they were typed in.

    Without `at`: what happened last, while the storm runs; else its middle. `follows` says whether the window moves
    with the storm.
    """
    begin = storm.started_at or storm.created_at
    duration_s = _duration_s(storm, begin) if storm.state != Storm.State.PLANNED else 0.0
    window = _window(at, span, duration_s=duration_s, from_the_end=storm.state in LIVE)
    operations = _operations(storm, begin, window) if duration_s else []
    faults = _faults(storm, begin)
    return {
        "window": window,
        "duration_s": duration_s,
        "is_live": storm.state in LIVE,
        "follows": storm.state in LIVE and _number(at) is None,
        "lanes": charts.draw_lanes(operations, [fault["mark"] for fault in faults if fault["mark"]], window),
        "operations": operations,
        "operation_count": sum(operation.count for operation in operations),
        "is_capped": len(operations) >= MOST_OPERATIONS,
        "most_operations": MOST_OPERATIONS,
        "faults": faults,
        "moves": _moves(window),
    }


def _duration_s(storm: Storm, begin: datetime) -> float:
    """From the start to the last end that was noted; while the storm runs, to the moment up to which all are noted."""
    if storm.state == Storm.State.RUNNING:
        return max(0.0, _seconds(begin, timezone.now()) - NOTED_AFTER_S)
    ends = [rows.aggregate(end=Max("ended_at"))["end"] for rows in (storm.transfers, storm.audits)]
    return max((_seconds(begin, end) for end in ends if end), default=0.0)


def _seconds(begin: datetime, end: datetime) -> float:
    return round((end - begin).total_seconds(), 3)


def _window(at: str | None, span: str | None, *, duration_s: float, from_the_end: bool) -> charts.Window:
    span_s = min(max(_number(span) or SPAN_S, charts.SHORTEST_S), charts.LONGEST_S)
    at_s = _number(at)
    if at_s is None:
        at_s = duration_s - span_s if from_the_end else (duration_s - span_s) / 2
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


def _operations(storm: Storm, begin: datetime, window: charts.Window) -> list[charts.Operation]:
    """The first MOST_OPERATIONS that have a part in the window, in the order in which they began."""
    rows = _transfers(_inside(storm.transfers, begin, window)) + _audits(_inside(storm.audits, begin, window))
    operations = [
        charts.Operation(
            lane=worker,
            kind=kind,
            begin_s=(started_at - begin).total_seconds(),
            end_s=(ended_at - begin).total_seconds(),
            waited_s=waited_us / 1_000_000,
            first=first,
            count=count,
        )
        for worker, kind, started_at, ended_at, waited_us, first, count in rows
    ]
    return sorted(operations, key=lambda operation: operation.begin_s)[:MOST_OPERATIONS]


def _inside(rows: QuerySet, begin: datetime, window: charts.Window) -> QuerySet:
    start, end = (begin + timedelta(seconds=at_s) for at_s in (window.at_s, window.end_s))
    return rows.filter(ended_at__gt=start, started_at__lt=end)


def _transfers(rows: QuerySet[Transfer]) -> list[tuple]:
    """The transfers of a batch end at the same microsecond of the same worker, and are one bar."""
    bars = rows.values("worker", "ended_at").annotate(
        begin=Min("started_at"),
        waited=Max("waited_us"),
        first=Min("pk"),
        count=Count("pk"),
        failed=Count("pk", filter=Q(status=Transfer.Status.FAILED)),
    )
    return [
        (worker, _kind(count, failed), begin, ended_at, waited, first, count)
        for worker, ended_at, begin, waited, first, count, failed in bars.order_by("begin").values_list(
            "worker", "ended_at", "begin", "waited", "first", "count", "failed"
        )[:MOST_OPERATIONS]
    ]


def _kind(count: int, failed: int) -> str:
    if failed:
        return "failed"
    return "batch" if count > 1 else "transfer"


def _audits(rows: QuerySet[Audit]) -> list[tuple]:
    columns = ("worker", "status", "torn", "total", "expected_total", "started_at", "ended_at", "waited_us", "pk")
    return [
        (worker, _judgement(status, torn, total, expected), begin, end, waited, pk, 1)
        for worker, status, torn, total, expected, begin, end, waited, pk in rows.order_by("started_at").values_list(
            *columns
        )[:MOST_OPERATIONS]
    ]


def _judgement(status: str, torn: bool | None, total: int | None, expected: int) -> str:
    if status == Audit.Status.FAILED:
        return "failed_audit"
    kind = kind_of(torn, wrong=total != expected)
    return {"right": "whole", "luck": "torn"}.get(kind, kind)


def _faults(storm: Storm, begin: datetime) -> list[dict[str, Any]]:
    """What was done to the storm on purpose, as it was recorded; `mark` is its place in the picture, if it has one."""
    faults = []
    for fault in storm.faults[:MOST_FAULTS]:
        kind, what = str(fault.get("kind", "fault")), str(fault.get("what", ""))
        at = parse_datetime(str(fault.get("at", "")))
        has_place = at is not None and timezone.is_aware(at)
        mark = charts.Mark(_seconds(begin, at), f"{kind}: {what}"[:60]) if has_place else None
        faults.append({"kind": kind, "what": what, "mark": mark})
    return faults
