"""Storms side by side: what each came to, the right ones first and of these the fastest."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.db.models import Max, Min, Q, Sum

from accounts.db.percentiles import Percentile
from accounts.models import Audit, Bank, Report, Storm, Transfer
from accounts.reporting.charts.sparkline import shared_spread, sparkline, spread_of
from accounts.reporting.total_samples import Audited, audited_totals
from accounts.storms import lecture
from accounts.storms.expectations import Outcome
from accounts.storms.progress import Progress, progress_of_all

MOST_STORMS = 20
MOST_POINTS = 120  # of one sparkline: about as many as it has pixels

RANKS = [outcome.value for outcome in Outcome]  # from holds to unfinished; a storm that still runs comes last


class Comparison(NamedTuple):
    """The rows, and what they have in common: the plan ("" if they differ), and the scale of their totals."""

    rows: list[dict[str, Any]]
    plan: str
    spread: int


def compare(storms: Sequence[Storm]) -> Comparison:
    """A row for each storm (with its bank), sorted. Of those without a report: what is known so far.

    Needs seven queries, however many storms there are.
    """
    progress = progress_of_all(storms)
    so_far = _so_far([storm for storm in storms if storm.report is None], progress)
    plans = {storm.pk: _plan(storm) for storm in storms}
    sparks, spread = _sparks(storms)
    rows = [
        {
            "storm": storm,
            "plan": plans[storm.pk],
            "ran_on": _ran_on(storm),
            "meaning": _meaning(storm),
            **_progress(storm, progress[storm.pk]),
            **(_final(storm.report) if storm.report else so_far[storm.pk]),
            **sparks[storm.pk],
        }
        for storm in storms
    ]
    plan = plans[storms[0].pk] if len(set(plans.values())) == 1 else ""
    return Comparison(sorted(rows, key=_by_correctness_then_speed), plan, spread)


def _plan(storm: Storm) -> str:
    return (
        f"{storm.transfer_count:,} transfers of 1 to {storm.max_amount:,}, {storm.audit_count:,} audits, "
        f"{storm.account_count:,} accounts, seed {storm.seed}"
    )


def _ran_on(storm: Storm) -> str:
    """A lock of Python's holds among threads and not among processes: which of them there were is half of the story."""
    processes = "1 process" if storm.worker_count == 1 else f"{storm.worker_count} processes"
    return processes if storm.thread_count == 1 else f"{processes} x {storm.thread_count} threads"


def _meaning(storm: Storm) -> str:
    """What the lecture says of such a storm; of one that has not ended, the class is to say it first."""
    scene = lecture.scene_like(storm) if storm.report else None
    return scene.meaning if scene else ""


def _sparks(storms: Sequence[Storm]) -> tuple[dict[int, dict[str, Any]], int]:
    """The line of each storm's totals, of how many it is, and its spread; and the spread that they share.

    What would make the others flat has a scale of its own.
    """
    audited = {storm.pk: Audited([], 0) for storm in storms} | audited_totals(storms, most=MOST_POINTS)
    expected = {storm.pk: storm.bank.opening_total for storm in storms}
    own = {pk: spread_of(one.totals, expected=expected[pk]) for pk, one in audited.items()}
    shared = shared_spread(own.values())
    sparks = {
        pk: {
            "spark": sparkline(one.totals, expected=expected[pk], spread=(spread := max(own[pk], shared))),
            "audits_drawn_of": one.taken,
            "spread": spread,
        }
        for pk, one in audited.items()
    }
    return sparks, shared


def same_plan(storm: Storm) -> list[Storm]:
    """The newest storms of the same plan, and the storm itself: the same transfers, and so a fair comparison."""
    names = ("seed", "transfer_count", "audit_count", "account_count", "max_amount")
    alike = Storm.objects.filter(**{name: getattr(storm, name) for name in names}).exclude(pk=storm.pk)
    return [storm, *alike.select_related("bank").order_by("-pk")[: MOST_STORMS - 1]]


def _by_correctness_then_speed(row: dict[str, Any]) -> tuple[int, float]:
    return RANKS.index(row["verdict"]) if row["verdict"] in RANKS else len(RANKS), -row["speed"]


def _progress(storm: Storm, progress: Progress) -> dict[str, Any]:
    """How far the storm has come, and which share of the judged audits is torn (None while none is judged)."""
    judged = progress.audits_judged
    return {
        "done": progress.transfers_ended,
        "taken": progress.audits_taken,
        "judged": judged,
        "torn": progress.audits_torn if judged or storm.report else None,
        "torn_unknown": progress.audits_taken - judged if storm.report else 0,
        "torn_percent": round(100 * progress.audits_torn / judged, 1) if judged else None,
    }


def _final(report: Report) -> dict[str, Any]:
    return {
        "verdict": Outcome.of(report).value,
        "drift": report.drift,
        "lost_updates": report.lost_updates,
        "deadlocks": report.deadlocks,
        "retries": report.retries,
        "speed": report.transfers_per_second,
        "p50": report.lock_wait_ms.p50,
        "p99": report.lock_wait_ms.p99,
    }


def _so_far(storms: list[Storm], progress: Mapping[int, Progress]) -> dict[int, dict[str, Any]]:
    """The same for storms that have no report yet. What only the evidence can tell is None."""
    if not storms:
        return {}
    transfers = {row["storm_id"]: row for row in _measure_transfers(storms)}
    audits = {row["storm_id"]: row for row in _count_contention_of_audits(storms)}
    balances = dict(
        Bank.objects.filter(storm__in=storms).annotate(now=Sum("accounts__balance")).values_list("pk", "now")
    )
    return {
        storm.pk: _unfinished(
            storm,
            transfers[storm.pk],
            audits.get(storm.pk, {}),
            ended_count=progress[storm.pk].transfers_ended,
            balance=balances[storm.bank_id],
        )
        for storm in storms
    }


def _measure_transfers(storms: list[Storm]) -> Any:
    return (
        Transfer.objects.filter(storm__in=storms)
        .values("storm_id")
        .annotate(
            begin=Min("started_at"),
            end=Max("ended_at"),
            deadlocks=Sum("deadlocks"),
            retries=Sum("retries"),
            p50=Percentile(0.5, "waited_us", filter=Q(ended_at__isnull=False)),
            p99=Percentile(0.99, "waited_us", filter=Q(ended_at__isnull=False)),
        )
        .order_by()
    )


def _count_contention_of_audits(storms: list[Storm]) -> Any:
    counters = {"deadlocks": Sum("deadlocks"), "retries": Sum("retries")}
    return Audit.objects.filter(storm__in=storms).values("storm_id").annotate(**counters).order_by()


def _unfinished(
    storm: Storm, transfers: dict[str, Any], audits: dict[str, Any], *, ended_count: int, balance: int
) -> dict[str, Any]:
    span_s = (transfers["end"] - transfers["begin"]).total_seconds() if transfers["end"] else 0
    return {
        "verdict": storm.get_state_display().lower(),
        "drift": balance - storm.bank.opening_total,
        "lost_updates": None,
        "deadlocks": transfers["deadlocks"] + audits.get("deadlocks", 0),
        "retries": transfers["retries"] + audits.get("retries", 0),
        "speed": round(ended_count / span_s, 1) if span_s else 0.0,
        "p50": _ms(transfers["p50"]),
        "p99": _ms(transfers["p99"]),
    }


def _ms(waited_us: float | None) -> float:
    return round((waited_us or 0) / 1000, 3)
