"""What the live page of a storm shows, read in a few bounded queries."""

from typing import Any

from django.db import connection
from django.db.models import Count, F, Q

from accounts import charts, storms
from accounts.models import Audit, Storm

MOST_AUDITS = 2_000


def observe(storm: Storm) -> dict[str, Any]:
    """The state, the tiles and the chart of a storm, as the live page shows them now."""
    progress = storms.progress(storm)
    audits = storm.audits.aggregate(
        taken=Count("pk", filter=Q(status=Audit.Status.TAKEN)),
        torn=Count("pk", filter=Q(torn=True)),
        wrong=Count("pk", filter=~Q(total=F("expected_total")) & Q(total__isnull=False)),
    )
    return {
        "storm": storm,
        "is_running": storm.state == Storm.State.RUNNING,
        "transfers_done": progress.transfers,
        "percent": round(100 * progress.transfers / storm.transfer_count),
        "audits": audits,
        "drift": storm.report["drift"] if storm.report else None,
        "speed": storm.report["transfers_per_second"] if storm.report else None,
        "waiting": _waiting_now() if storm.state == Storm.State.RUNNING else 0,
        "chart": charts.totals_chart(_points(storm), expected_total=storm.bank.opening_total),
    }


def _points(storm: Storm) -> list[charts.AuditPoint]:
    rows = storm.audits.filter(status=Audit.Status.TAKEN).order_by("started_at")
    rows = rows.values_list("pk", "started_at", "total", "expected_total", "torn")[:MOST_AUDITS]
    begin = rows[0][1] if rows else None
    return [
        charts.AuditPoint(pk, (at - begin).total_seconds(), total, _kind(torn, wrong=total != expected))
        for pk, at, total, expected, torn in rows
    ]


def _kind(torn: bool | None, *, wrong: bool) -> str:
    if torn:
        return "torn" if wrong else "luck"
    if not wrong:
        return "right"
    return "unjudged" if torn is None else "wrong"


def _waiting_now() -> int:
    """How many sessions on this database wait for a lock at this moment."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return cursor.fetchone()[0]
