"""The state of a storm: its tiles, and its audited totals over time."""

from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Mod
from django.utils import timezone

from accounts import strategies
from accounts.models import Audit, Storm
from accounts.reporting import charts
from accounts.reporting.stalled import what_is_missing

MOST_DOTS = 300
MOST_LUCKY = 50
LIVE = (Storm.State.PLANNED, Storm.State.RUNNING)


def observe(storm: Storm) -> dict[str, Any]:
    """The state, the tiles and the chart of a storm, as it is now."""
    audits = _audits(storm)
    points = _points(storm, audits["kept"])
    return {
        "storm": storm,
        "is_live": storm.state in LIVE,
        "is_running": storm.state == Storm.State.RUNNING,
        **_transfers(storm),
        "missing": what_is_missing(storm),
        "audits": audits,
        "drift": _drift(storm),
        "is_transactional": strategies.is_transactional(storm.transfer_with),
        "chart": charts.totals_chart(points, expected_total=storm.bank.opening_total),
        "dots_left_out": audits["kept"] - len(points),
    }


def _transfers(storm: Storm) -> dict[str, Any]:
    """How many are done and have failed, and how fast; from the report if there is one, else counted."""
    if storm.report:
        transfers, speed = storm.report.transfers, storm.report.transfers_per_second
        done, failed = transfers.ended, transfers.failed
    else:
        ended = Q(repeats=None) & ~Q(status="pending")
        counts = storm.transfers.aggregate(
            done=Count("pk", filter=ended), failed=Count("pk", filter=Q(status="failed"))
        )
        done, failed = counts["done"], counts["failed"]
        speed = _speed(storm, done)
    percent = 100 * done // storm.transfer_count
    return {"transfers_done": done, "transfers_failed": failed, "speed": speed, "percent": percent}


def _speed(storm: Storm, done: int) -> float | None:
    """Transfers per second since the start, while it runs."""
    if storm.state != Storm.State.RUNNING or not storm.started_at:
        return None
    return done / max((timezone.now() - storm.started_at).total_seconds(), 0.001)


def _audits(storm: Storm) -> dict[str, int]:
    """How many were taken, judged, torn, wrong; `kept` are those that have a total."""
    if storm.report and storm.state == Storm.State.FINISHED:
        audits = storm.report.audits
        return {
            "taken": audits.taken,
            "kept": audits.taken,
            "failed": audits.failed,
            "judged": audits.judged,
            "torn": audits.torn,
            "wrong": audits.wrong_total,
        }
    return storm.audits.aggregate(
        taken=Count("pk", filter=Q(status=Audit.Status.TAKEN)),
        kept=Count("pk", filter=Q(status=Audit.Status.TAKEN)),
        failed=Count("pk", filter=Q(status=Audit.Status.FAILED)),
        judged=Count("pk", filter=Q(torn__isnull=False)),
        torn=Count("pk", filter=Q(torn=True)),
        wrong=Count("pk", filter=~Q(total=F("expected_total")) & Q(total__isnull=False)),
    )


def _drift(storm: Storm) -> int:
    """Of a storm that has not been reported on, as one SELECT sees it: one snapshot, so no transaction is half seen."""
    return storm.report.drift if storm.report else storm.bank.total - storm.bank.opening_total


def _points(storm: Storm, count: int) -> list[charts.AuditPoint]:
    """Of more than MOST_DOTS audits, every second, third ... in the order of the plan, and those that stand out."""
    step = max(1, -(-count // MOST_DOTS))
    rows: QuerySet = storm.audits.filter(status=Audit.Status.TAKEN)
    if step > 1:
        rows = rows.annotate(place=Mod("number", step)).filter(Q(place=0) | Q(pk__in=_outstanding(rows)))
    values = list(rows.order_by("started_at").values_list("pk", "started_at", "total", "expected_total", "torn"))
    begin = values[0][1] if values else None
    return [
        charts.AuditPoint(pk, round((at - begin).total_seconds(), 3), total, kind_of(torn, wrong=total != expected))
        for pk, at, total, expected, torn in values
    ]


def _outstanding(rows: QuerySet[Audit]) -> list[int]:
    """The lowest, the highest, and some that are right by luck: what a sample would miss."""
    by_total = rows.exclude(total=None).order_by("total").values_list("pk", flat=True)
    luck = rows.filter(torn=True, total=F("expected_total")).order_by("pk").values_list("pk", flat=True)
    return [*by_total[:1], *by_total.reverse()[:1], *luck[:MOST_LUCKY]]


def kind_of(torn: bool | None, *, wrong: bool) -> str:
    """right, torn, luck (torn, and the total right), wrong (the money is), or unjudged: wrong for a reason unknown."""
    if torn:
        return "torn" if wrong else "luck"
    if not wrong:
        return "right"
    return "unjudged" if torn is None else "wrong"
