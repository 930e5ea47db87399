"""What changes on a storm's page while the storm runs: its verdict, its numbers, and its audited totals over time."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, F, Q
from django.utils import timezone

from accounts import strategies
from accounts.evidence.amounts import signed
from accounts.evidence.narrative import count
from accounts.evidence.rows import easiest_torn
from accounts.models import Audit, Storm, Transfer
from accounts.reporting import charts
from accounts.reporting.stalled import what_is_missing
from accounts.reporting.total_samples import TotalSample, sample_totals
from accounts.storms import report_text
from accounts.storms.expectations import Outcome

MAX_DOTS = 300
MAX_LIVE_ROWS = 20  # of a table that is sent every second


@dataclass(frozen=True)
class Verdict:
    """The result of a storm that has ended and was reported on."""

    outcome: Outcome
    in_words: str
    #: The torn audit with which to go on, if one is torn.
    easiest: Audit | None


@dataclass(frozen=True)
class TransferCounts:
    """How far the transfers have come."""

    planned: int
    #: Ended in whatever way: applied, refused or failed.
    done: int
    failed: int
    #: None if the storm does not run and has no report.
    per_second: float | None

    @property
    def percent(self) -> int:
        return 100 * self.done // self.planned


@dataclass(frozen=True)
class AuditCounts:
    """How far the audits have come. Each audit that was taken has a total: a constraint says so."""

    taken: int
    failed: int
    #: Of those that were taken: the evidence has said whether they are torn.
    judged: int
    torn: int
    #: Of those that were taken: the total is not the bank's.
    wrong: int

    @property
    def in_words(self) -> str:
        """ "200 audits, all checked, 100 with a wrong total"."""
        checked = "all checked" if self.judged == self.taken else f"{self.judged:,} checked"
        return f"{count(self.taken, 'audit')}, {checked}, {self.wrong:,} with a wrong total"


@dataclass(frozen=True)
class StormPage:
    """A storm as it is now."""

    storm: Storm
    #: None while it runs, or if it was not reported on.
    verdict: Verdict | None
    transfers: TransferCounts
    audits: AuditCounts
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
    def is_running(self) -> bool:
        return self.storm.state == Storm.State.RUNNING

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
        return self.storm.has_ended and not self.storm.report and bool(self.audits.taken)

    @property
    def chart_in_words(self) -> str:
        """What is drawn: the true total, the lowest, the highest, and of how many audits."""
        chart, sample = self.chart, self.sample
        extremes = f"Lowest {chart.lowest:,}, highest {chart.highest:,}, in {chart.duration_s} s."
        drawn = f" {len(sample.points):,} of {count(sample.taken, 'audit')} are shown." if sample.left_out else ""
        return f"Dashed: the true total, {chart.expected:,}. {extremes}{drawn}"

    @property
    def torn_of_judged(self) -> str:
        """ "3 / 12"; "unknown" if there are audits, and none of them can be judged."""
        if self.audits.taken and not self.audits.judged and not self.is_live:
            return "unknown"
        return f"{self.audits.torn:,} / {self.audits.judged:,}"

    @property
    def listed_dots(self) -> Sequence[charts.Dot]:
        """The dots that are listed in the table below the chart: while the storm runs, the last of them."""
        return self.chart.dots[-MAX_LIVE_ROWS:] if self.is_live else self.chart.dots


def observe(storm: Storm) -> StormPage:
    """The storm (with its bank) as it is now, in ten queries at the most."""
    sample = sample_totals([storm], room=MAX_DOTS)[storm.pk]
    return StormPage(
        storm=storm,
        verdict=_verdict(storm),
        transfers=_transfers(storm),
        audits=_audits(storm),
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
    easiest = easiest_torn(storm) if storm.report["audits"]["torn"] else None
    return Verdict(Outcome.of(storm.report), report_text.in_words(storm.report), easiest)


def _story(storm: Storm) -> str:
    if not storm.report:
        return ""
    unknown = storm.report["audits"]["torn_unknown"]
    none_torn = (
        f"Of {count(unknown, 'audit')} it is not known whether they are torn." if unknown else "No audit was torn."
    )
    return storm.report["story"] or none_torn


def _transfers(storm: Storm) -> TransferCounts:
    """From the report if there is one, else counted."""
    if storm.report:
        counts = storm.report["transfers"]
        done, failed = counts["planned"] - counts["pending"], counts["failed"]
        return TransferCounts(storm.transfer_count, done, failed, storm.report["transfers_per_second"])
    planned = Q(repeats=None)  # a transfer that was applied again is a row of its own
    counts = storm.transfers.aggregate(
        done=Count("pk", filter=planned & ~Q(status=Transfer.Status.PENDING)),
        failed=Count("pk", filter=Q(status=Transfer.Status.FAILED)),
    )
    return TransferCounts(storm.transfer_count, **counts, per_second=_per_second(storm, counts["done"]))


def _per_second(storm: Storm, done: int) -> float | None:
    """Transfers per second since the start, while it runs."""
    if storm.state != Storm.State.RUNNING or not storm.started_at:
        return None
    return done / max((timezone.now() - storm.started_at).total_seconds(), 0.001)


def _audits(storm: Storm) -> AuditCounts:
    """From the report of a storm that has finished, else counted."""
    if storm.report and storm.state == Storm.State.FINISHED:
        counts = storm.report["audits"]
        return AuditCounts(
            taken=counts["taken"],
            failed=counts["failed"],
            judged=counts["taken"] - counts["torn_unknown"],
            torn=counts["torn"],
            wrong=counts["wrong_total"],
        )
    counts = storm.audits.aggregate(
        taken=Count("pk", filter=Q(status=Audit.Status.TAKEN)),
        failed=Count("pk", filter=Q(status=Audit.Status.FAILED)),
        judged=Count("pk", filter=Q(torn__isnull=False)),
        torn=Count("pk", filter=Q(torn=True)),
        wrong=Count("pk", filter=~Q(total=F("expected_total")) & Q(total__isnull=False)),
    )
    return AuditCounts(**counts)


def _drift(storm: Storm) -> int:
    """Of a storm that has not been reported on, as one SELECT sees it: one snapshot, so no transaction is half seen."""
    return storm.report["drift"] if storm.report else storm.bank.total - storm.bank.opening_total
