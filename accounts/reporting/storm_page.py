"""What changes on a storm's page while the storm runs: its verdict, its numbers, and its audited totals over time."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from accounts import strategies
from accounts.evidence.amounts import signed
from accounts.evidence.narrative import count
from accounts.evidence.rows import easiest_torn
from accounts.models import Audit, Storm
from accounts.models.storm_report import LostWrite
from accounts.reporting import charts
from accounts.reporting.stalled import what_is_missing
from accounts.reporting.total_samples import TotalSample, sample_totals
from accounts.storms import report_text
from accounts.storms.active_workers import count_at_work
from accounts.storms.background_launch import is_being_planned
from accounts.storms.expectations import Outcome
from accounts.storms.progress import Progress, progress_of

MAX_DOTS = 300
MAX_LIVE_ROWS = 20  # of a table that is sent every second


@dataclass(frozen=True)
class Verdict:
    """The result of a storm that has ended and was reported on."""

    outcome: Outcome
    in_words: str
    #: The torn audit with which to go on, if one is torn.
    easiest: Audit | None
    #: Where the money is wrong: the lost update with which to go on, if one is known.
    lost: LostWrite | None


@dataclass(frozen=True)
class StormPage:
    """A storm as it is now."""

    storm: Storm
    #: None while it runs, or if it was not reported on.
    verdict: Verdict | None
    progress: Progress
    #: Transfers per second; None if it does not run and has no report.
    per_second: float | None
    #: It was ended early, and workers still finish what they have begun: its numbers change.
    is_being_left: bool
    #: Why it makes no progress, and what to do; "" if it makes progress, or has ended.
    missing: str
    #: How much money the bank has more than at its opening.
    drift: int
    sample: TotalSample
    chart: charts.TotalsChart
    #: Names and values of the report; none without a report.
    facts: Sequence[tuple[str, str]]
    #: Why the audit that is easiest to understand is torn; "" without a report.
    story: str

    @property
    def is_live(self) -> bool:
        return not self.storm.has_ended

    @property
    def is_changing(self) -> bool:
        """Whether it is worth while to look again soon."""
        return self.is_live or self.is_being_left

    @property
    def is_running(self) -> bool:
        return self.storm.state == Storm.State.RUNNING

    @property
    def planned_in_words(self) -> str:
        """How far its plan is; "" if the plan is written."""
        if not is_being_planned(self.storm):
            return ""
        return f"{self.storm.planned_count:,} of {count(self.storm.transfer_count, 'transfer')} are written"

    @property
    def is_transactional(self) -> bool:
        """Whether its transfers are transactions: in the middle of others, money is on its way."""
        return strategies.is_transactional(self.storm.transfer_with)

    @property
    def drift_signed(self) -> str:
        return signed(self.drift)

    @property
    def can_be_checked(self) -> bool:
        """It ended early, and has audits that are not checked."""
        return self.storm.has_ended and not self.storm.report and bool(self.progress.audits_taken)

    @property
    def chart_in_words(self) -> str:
        """What is drawn: the true total, the lowest, the highest, and of how many audits."""
        chart, sample = self.chart, self.sample
        extremes = f"Lowest {chart.lowest:,}, highest {chart.highest:,}, in {chart.duration_s} s."
        note = f" {len(sample.points):,} of {count(sample.taken, 'audit')} are shown." if sample.left_out else ""
        return f"Dashed: the true total, {chart.expected:,}. {extremes}{note}"

    @property
    def torn_of_judged(self) -> str:
        """ "3 / 12"; "unknown" if there are audits, and none of them can be judged."""
        progress = self.progress
        if progress.audits_taken and not progress.audits_judged and not self.is_live:
            return "unknown"
        return f"{progress.audits_torn:,} / {progress.audits_judged:,}"

    @property
    def audits_in_words(self) -> str:
        """ "200 audits, all checked, 100 with a wrong total"."""
        progress = self.progress
        if not progress.audits_taken:
            return "no audit so far" if self.is_live else "no audit was taken"
        is_all = progress.audits_judged == progress.audits_taken
        checked = "all checked" if is_all else f"{progress.audits_judged:,} checked"
        return f"{count(progress.audits_taken, 'audit')}, {checked}, {progress.audits_wrong:,} with a wrong total"

    @property
    def percent(self) -> int:
        """How many of its transfers have ended, in percent; while it is planned, how many are written."""
        done_count = self.storm.planned_count if is_being_planned(self.storm) else self.progress.transfers_ended
        return 100 * (done_count or 0) // self.storm.transfer_count

    @property
    def listed_dots(self) -> Sequence[charts.Dot]:
        """The dots that are listed in the table below the chart: while the storm runs, the last of them."""
        return self.chart.dots[-MAX_LIVE_ROWS:] if self.is_live else self.chart.dots


def observe(storm: Storm) -> StormPage:
    """The storm (with its bank) as it is now, in ten queries at the most."""
    progress = progress_of(storm)
    sample = sample_totals([storm], room=MAX_DOTS)[storm.pk]
    return StormPage(
        storm=storm,
        verdict=_verdict(storm),
        progress=progress,
        per_second=_per_second(storm, progress),
        is_being_left=storm.has_ended and not storm.report and count_at_work(storm.pk) > 0,
        missing=what_is_missing(storm),
        drift=_drift(storm),
        sample=sample,
        chart=charts.totals_chart(sample.points, expected_total=storm.bank.opening_total),
        facts=report_text.facts(storm.report) if storm.report else [],
        story=_story(storm),
    )


def _verdict(storm: Storm) -> Verdict | None:
    if not storm.has_ended or not storm.report:
        return None
    easiest = easiest_torn(storm) if storm.report.audits.torn else None
    lost = next(iter(storm.report.lost_examples), None)
    return Verdict(Outcome.of(storm.report), report_text.in_words(storm.report), easiest, lost)


def _story(storm: Storm) -> str:
    if not storm.report:
        return ""
    unknown = storm.report.audits.torn_unknown
    none_torn = (
        f"Of {count(unknown, 'audit')} it is not known whether they are torn." if unknown else "No audit was torn."
    )
    return storm.report.story or none_torn


def _per_second(storm: Storm, progress: Progress) -> float | None:
    """The transfers per second of the report if there is one; else since the start, while it runs."""
    if storm.report:
        return storm.report.transfers_per_second
    if storm.state != Storm.State.RUNNING or not storm.started_at:
        return None
    return progress.transfers_ended / max((timezone.now() - storm.started_at).total_seconds(), 0.001)


def _drift(storm: Storm) -> int:
    """The drift; without a report, as one SELECT sees it: one snapshot, so no transaction is half seen."""
    return storm.report.drift if storm.report else storm.bank.drift
