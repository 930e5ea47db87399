"""The state of a storm: its tiles, and its audited totals over time."""

from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Mod
from django.utils import timezone

from accounts import strategies
from accounts.models import Audit, Storm
from accounts.reporting import charts
from accounts.reporting.stalled import what_is_missing
from accounts.storms.progress import progress_of

MOST_DOTS = 300
MOST_LUCKY = 50
LIVE = (Storm.State.PLANNED, Storm.State.RUNNING)


def observe(storm: Storm) -> dict[str, Any]:
    """The state, the tiles and the chart of a storm, as it is now."""
    progress = progress_of(storm)
    points = _points(storm, progress.audits_taken)
    return {
        "storm": storm,
        "is_live": storm.state in LIVE,
        "is_running": storm.state == Storm.State.RUNNING,
        "progress": progress,
        "percent": 100 * progress.transfers_ended // storm.transfer_count,
        "speed": storm.report.transfers_per_second if storm.report else _speed(storm, progress.transfers_ended),
        "missing": what_is_missing(storm),
        "drift": _drift(storm),
        "is_transactional": strategies.is_transactional(storm.transfer_with),
        "chart": charts.totals_chart(points, expected_total=storm.bank.opening_total),
        "dots_left_out": progress.audits_taken - len(points),
    }


def _speed(storm: Storm, ended_count: int) -> float | None:
    """Transfers per second since the start, while it runs."""
    if storm.state != Storm.State.RUNNING or not storm.started_at:
        return None
    return ended_count / max((timezone.now() - storm.started_at).total_seconds(), 0.001)


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
    """right, torn, luck (torn, and the total right), wrong (and not torn), or unjudged: wrong for a reason unknown."""
    if torn:
        return "torn" if wrong else "luck"
    if not wrong:
        return "right"
    return "unjudged" if torn is None else "wrong"
