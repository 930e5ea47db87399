"""What workers did in a window of time: all of it, or an even choice of as much as can be drawn."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeAlias

from django.db.models import Count, Max, Min, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from accounts.models import Audit, Storm, Transfer
from accounts.reporting import charts
from accounts.reporting.audit_kind import AuditKind
from accounts.reporting.audit_rows import KIND
from accounts.reporting.even_choice import choose

MAX_BARS = 300

# Transfers are grouped by batches: a row is a dict, and a bar. An audit is a bar by itself.
TransferBars: TypeAlias = QuerySet[Any, Any]
AuditBars: TypeAlias = QuerySet[Audit]


class Bars(NamedTuple):
    """A bar is an audit, a transfer, or a batch of transfers."""

    #: Those that are drawn, in the order in which they began.
    operations: list[charts.Operation]
    #: How many bars there are.
    bar_count: int

    @property
    def left_out(self) -> int:
        return self.bar_count - len(self.operations)


def narrowed(storm: Storm, begin: datetime, window: charts.Window, pivot: float) -> tuple[charts.Window, Bars]:
    """The part of the window, around `pivot`, in which all bars can be drawn; and these bars. Needs two queries."""
    operations = _operations(begin, *_bars_in(storm, begin, window))
    extents = [(operation.begin_s, operation.end_s) for operation in operations]
    narrow = window.narrowed(extents, room=MAX_BARS, pivot=pivot)
    inside = [operation for operation in operations if narrow.shows(operation.begin_s, operation.end_s)]
    return narrow, Bars(choose(inside, room=MAX_BARS), len(inside))  # the shortest window may still hold too many


def evenly_chosen(storm: Storm, begin: datetime, window: charts.Window) -> Bars:
    """What can be drawn of what is in the window; transfers and audits share the room. Needs four queries."""
    transfers, audits = _bars_in(storm, begin, window)
    transfer_count, audit_count = transfers.count(), audits.count()
    bar_count = transfer_count + audit_count
    if bar_count > MAX_BARS:
        transfer_room = round(MAX_BARS * transfer_count / bar_count)
        transfers = _chosen(transfers, transfer_count, room=transfer_room, in_order_of="begin")
        audits = _chosen(audits, audit_count, room=MAX_BARS - transfer_room, in_order_of="started_at")
    return Bars(_operations(begin, transfers, audits), bar_count)


def _chosen(bars: TransferBars | AuditBars, count: int, *, room: int, in_order_of: str) -> QuerySet[Any, Any]:
    rows = choose(range(1, count + 1), room=room)
    return bars.annotate(row=Window(RowNumber(), order_by=in_order_of)).filter(row__in=rows)


def _bars_in(storm: Storm, begin: datetime, window: charts.Window) -> tuple[TransferBars, AuditBars]:
    """The bars of transfers and those of audits that have a part in the window.

    The transfers of a batch end at the same microsecond of the same worker, and are one bar.
    """
    start, end = (begin + timedelta(seconds=at_s) for at_s in (window.at_s, window.end_s))
    in_window = {"ended_at__gt": start, "started_at__lt": end}
    transfers = storm.transfers.filter(**in_window).order_by().values("worker", "ended_at")
    return transfers.annotate(begin=Min("started_at"), first=Min("pk")), storm.audits.filter(**in_window)


def _operations(begin: datetime, transfers: TransferBars, audits: AuditBars) -> list[charts.Operation]:
    """The bars as operations, in the order in which they began. Needs two queries."""
    operations = [*_transfers(begin, transfers), *_audits(begin, audits)]
    return sorted(operations, key=lambda operation: operation.begin_s)


def _transfers(begin: datetime, bars: TransferBars) -> Iterator[charts.Operation]:
    full = bars.annotate(
        waited=Max("waited_us"), count=Count("pk"), failed=Count("pk", filter=Q(status=Transfer.Status.FAILED))
    )
    columns = ("worker", "begin", "ended_at", "waited", "first", "count", "failed")
    for worker, started_at, ended_at, waited_us, first, count, failed in full.values_list(*columns):
        times_s = _times_s(begin, started_at, ended_at, waited_us)
        yield charts.Operation(worker, *times_s, first, count=count, has_failed=bool(failed))


def _audits(begin: datetime, rows: AuditBars) -> Iterator[charts.Operation]:
    columns = ("worker", "started_at", "ended_at", "waited_us", "pk", "kind")
    for worker, started_at, ended_at, waited_us, pk, kind in rows.annotate(kind=KIND).values_list(*columns):
        yield charts.Operation(worker, *_times_s(begin, started_at, ended_at, waited_us), pk, kind=AuditKind(kind))


def _times_s(begin: datetime, started_at: datetime, ended_at: datetime, waited_us: int) -> tuple[float, float, float]:
    """When it began and ended, in seconds since `begin`, and how long it waited for locks, in seconds."""
    return (started_at - begin).total_seconds(), (ended_at - begin).total_seconds(), waited_us / 1_000_000
