"""What workers did in a window of time: all of it, or an even choice of as much as can be drawn."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Count, Max, Min, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from accounts.models import Audit, Storm, Transfer
from accounts.reporting import charts
from accounts.reporting.storm_page import kind_of

MOST_OPERATIONS = 300


def _inside(rows: QuerySet, begin: datetime, window: charts.Window) -> QuerySet:
    start, end = (begin + timedelta(seconds=at_s) for at_s in (window.at_s, window.end_s))
    return rows.filter(ended_at__gt=start, started_at__lt=end)


def _bars(storm: Storm, begin: datetime, window: charts.Window) -> tuple[QuerySet, QuerySet]:
    """Those of transfers and those of audits. The transfers of a batch end at the same microsecond of the same worker,
    and are one bar."""
    transfers = _inside(storm.transfers, begin, window).order_by().values("worker", "ended_at")
    return transfers.annotate(begin=Min("started_at"), first=Min("pk")), _inside(storm.audits, begin, window)


def narrowed(
    storm: Storm, begin: datetime, window: charts.Window, pivot: float
) -> tuple[charts.Window, list[charts.Operation], int]:
    """The window in which all can be drawn, what is in it, and how many bars that is."""
    operations = _operations(begin, *_bars(storm, begin, window))
    window = window.narrowed([(one.begin_s, one.end_s) for one in operations], most=MOST_OPERATIONS, pivot=pivot)
    inside = [one for one in operations if window.shows(one.begin_s, one.end_s)]
    chosen = _chosen(len(inside), of=len(inside))  # the shortest window may still hold too many
    return window, [one for place, one in enumerate(inside, 1) if place in chosen], len(inside)


def even_choice(storm: Storm, begin: datetime, window: charts.Window) -> tuple[list[charts.Operation], int]:
    """What can be drawn of what is in the window, and how many bars that would be."""
    transfers, audits = _bars(storm, begin, window)
    transfer_count, audit_count = transfers.count(), audits.count()
    bar_count = transfer_count + audit_count
    if bar_count > MOST_OPERATIONS:
        transfers = _at(_chosen(transfer_count, of=bar_count), transfers, "begin")
        audits = _at(_chosen(audit_count, of=bar_count), audits, "started_at")
    return _operations(begin, transfers, audits), bar_count


def _at(places: Collection[int], bars: QuerySet, begin: str) -> QuerySet:
    return bars.annotate(place=Window(RowNumber(), order_by=begin)).filter(place__in=places)


def _chosen(count: int, *, of: int) -> Collection[int]:
    """The places (1, 2 ...) of all `count`; if there are too many `of` all kinds, of their share, evenly chosen."""
    if of <= MOST_OPERATIONS:
        return range(1, count + 1)
    return {place * of // MOST_OPERATIONS + 1 for place in range(MOST_OPERATIONS * count // of)}


def _operations(begin: datetime, transfers: QuerySet, audits: QuerySet) -> list[charts.Operation]:
    """In the order in which they began."""
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
        for worker, kind, started_at, ended_at, waited_us, first, count in [*_transfers(transfers), *_audits(audits)]
    ]
    return sorted(operations, key=lambda operation: operation.begin_s)


def _transfers(bars: QuerySet[Transfer]) -> list[tuple]:
    full = bars.annotate(
        waited=Max("waited_us"), count=Count("pk"), failed=Count("pk", filter=Q(status=Transfer.Status.FAILED))
    )
    return [
        (worker, _kind(count, failed), begin, ended_at, waited, first, count)
        for worker, ended_at, begin, waited, first, count, failed in full.values_list(
            "worker", "ended_at", "begin", "waited", "first", "count", "failed"
        )
    ]


def _kind(count: int, failed: int) -> str:
    if failed:
        return "failed"
    return "batch" if count > 1 else "transfer"


def _audits(rows: QuerySet[Audit]) -> list[tuple]:
    columns = ("worker", "status", "torn", "total", "expected_total", "started_at", "ended_at", "waited_us", "pk")
    return [
        (worker, _judgement(status, torn, total, expected), begin, end, waited, pk, 1)
        for worker, status, torn, total, expected, begin, end, waited, pk in rows.values_list(*columns)
    ]


def _judgement(status: str, torn: bool | None, total: int | None, expected: int) -> str:
    if status == Audit.Status.FAILED:
        return "failed_audit"
    kind = kind_of(torn, wrong=total != expected)
    return {"right": "whole", "luck": "torn"}.get(kind, kind)
