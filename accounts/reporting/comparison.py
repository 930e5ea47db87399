"""Storms side by side: one row each, the right ones first and of these the fastest."""

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import Report, Storm
from accounts.reporting import comparison_columns
from accounts.reporting.charts.sparkline import Sparkline, shared_spread, sparkline, spread_of
from accounts.reporting.comparison_columns import Cell, Column
from accounts.reporting.storms_so_far import StormSoFar, measure_so_far
from accounts.reporting.total_samples import TotalSample, sample_totals
from accounts.storms import lecture
from accounts.storms.expectations import Outcome
from accounts.storms.progress import Progress, progress_of_all

MAX_STORMS = 20
MAX_POINTS = 120  # of one sparkline: about as many as it has pixels

RANKS = list(Outcome)  # from holds to unfinished; a storm without a report comes last


@dataclass(frozen=True)
class Row:
    """One storm in the table."""

    storm: Storm
    #: Its numbers and strategies in a few words; "" if all storms have the same.
    plan: str
    #: What the lecture says of such a storm; "" if it is none of the lecture's, or has no report yet.
    meaning: str
    #: How many of its transfers have ended, in words; "" if all have.
    progress: str
    #: What stands in the columns of the comparison, in their order.
    cells: list[Cell]
    spark: Sparkline
    #: How far from the true total the scale of its line reaches.
    spread: int
    #: How many audits were taken; the line may have fewer.
    audits_taken: int
    outcome: Outcome | None
    transfers_per_second: float


@dataclass(frozen=True)
class Comparison:
    """The rows, and what they have in common."""

    columns: Sequence[Column]
    rows: list[Row]
    #: The plan that all storms have; "" if they differ.
    plan: str
    #: How far from the true total the scale reaches that the lines share; 0 if no audit is off.
    spread: int

    @property
    def width(self) -> int:
        """How many columns the table has: these, the storm before them and the line after them."""
        return len(self.columns) + 2


def compare(storms: Sequence[Storm]) -> Comparison:
    """A row for each storm (with its bank), sorted. Of those without a report: what is known so far.

    Needs eight queries at the most, however many storms there are.
    """
    progress = progress_of_all(storms)
    so_far = measure_so_far([storm for storm in storms if storm.report is None], progress)
    samples = sample_totals(storms, room=MAX_POINTS)
    spreads = {storm.pk: _spread(storm, samples[storm.pk]) for storm in storms}
    shared = shared_spread(spreads.values())
    plans = {plan_in_words(storm) for storm in storms}
    plan = plans.pop() if len(plans) == 1 else ""
    rows = [
        _row(
            storm,
            progress[storm.pk],
            storm.report or so_far[storm.pk],
            plan="" if plan else plan_in_words(storm),
            sample=samples[storm.pk],
            spread=max(spreads[storm.pk], shared),
        )
        for storm in storms
    ]
    return Comparison(comparison_columns.COLUMNS, sorted(rows, key=_by_correctness_then_speed), plan, shared)


def _row(
    storm: Storm, progress: Progress, figures: Report | StormSoFar, *, plan: str, sample: TotalSample, spread: int
) -> Row:
    """The row of a storm; `figures` are its report, or what is known before there is one."""
    ended_count = progress.transfers_ended
    scene = lecture.scene_like(storm) if storm.report else None  # before that, a class is to say what it expects
    return Row(
        storm=storm,
        plan=plan,
        meaning=scene.meaning if scene else "",
        progress=""
        if ended_count == storm.transfer_count
        else f"{ended_count:,} of {storm.transfer_count:,} transfers",
        cells=[column.cell(figures) for column in comparison_columns.COLUMNS],
        spark=sparkline(sample.points, expected=storm.bank.opening_total, spread=spread),
        spread=spread,
        audits_taken=sample.taken,
        outcome=Outcome.of(storm.report) if storm.report else None,
        transfers_per_second=figures.transfers_per_second,
    )


def _spread(storm: Storm, sample: TotalSample) -> int:
    return spread_of(sample.points, expected=storm.bank.opening_total)


def plan_in_words(storm: Storm) -> str:
    """What was planned: two storms of the same plan do the same transfers."""
    return (
        f"{storm.transfer_count:,} transfers of 1 to {storm.max_amount:,}, {storm.audit_count:,} audits, "
        f"{storm.account_count:,} accounts, seed {storm.seed}"
    )


def _by_correctness_then_speed(row: Row) -> tuple[int, float]:
    return RANKS.index(row.outcome) if row.outcome else len(RANKS), -row.transfers_per_second


def same_plan(storm: Storm) -> list[Storm]:
    """The newest storms of the same plan, and the storm itself: the same transfers, and so a fair comparison."""
    names = ("seed", "transfer_count", "audit_count", "account_count", "max_amount")
    alike = Storm.objects.filter(**{name: getattr(storm, name) for name in names}).exclude(pk=storm.pk)
    return [storm, *alike.select_related("bank").order_by("-pk")[: MAX_STORMS - 1]]
