"""A storm, or several side by side, as one self-contained HTML file: it loads nothing, and prints well."""

import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import django
from django.db import connection
from django.template.loader import render_to_string
from django.utils import timezone

from accounts import strategies
from accounts.evidence.amounts import signed
from accounts.evidence.narrative import count
from accounts.evidence.rows import easiest_torn
from accounts.models import Storm
from accounts.reporting import charts
from accounts.reporting.audit_page import AuditPage, audit_page
from accounts.reporting.comparison import compare, plan_in_words
from accounts.reporting.comparison_columns import as_csv_values
from accounts.reporting.total_samples import TotalSample, sample_totals
from accounts.storms import report_text
from accounts.storms.report import accounts_off, report_on
from accounts.storms.report_text import in_words

STATIC = Path(__file__).parents[1] / "static" / "accounts"
STYLE_SHEETS = ("document", "shared", "pictures")
MAX_ACCOUNTS = 50
MAX_AUDITS = 400  # in the chart of totals


@dataclass(frozen=True)
class Promise:
    """One of the storm's two strategies."""

    #: "transfers with" or "audits with".
    what: str
    strategy: str
    #: What it promises; "" if there is no such strategy any more.
    promise: str


@dataclass(frozen=True)
class AccountLine:
    """One account in the table of the accounts. Amounts are units of money."""

    number: int
    opening: int
    should_be: int
    balance: int
    off_by: int

    @property
    def off_by_signed(self) -> str:
        return signed(self.off_by)


@dataclass(frozen=True)
class Section:
    """What is said of one storm."""

    storm: Storm
    promises: list[Promise]
    #: Names and values of what was planned.
    plan: list[tuple[str, str]]
    verdict: str
    #: Names and values of its report; none if it has not ended.
    facts: list[tuple[str, str]]
    sample: TotalSample
    #: None if no audit was taken.
    totals: charts.TotalsChart | None
    #: The torn audit that is easiest to understand, if one is torn.
    audit: AuditPage | None
    #: Those that are off come first.
    accounts: list[AccountLine]
    account_count: int

    @property
    def totals_in_words(self) -> str:
        """How many audits are drawn, and between which totals; "" if no audit was taken."""
        chart, sample = self.totals, self.sample
        if chart is None:
            return ""
        drawn = count(len(sample.points), "audit")
        if sample.left_out:
            drawn = (
                f"{len(sample.points):,} of {sample.taken:,} audits are drawn, among them the lowest, the highest "
                "and the first that are right by luck"
            )
        return f"{drawn}: from {chart.lowest:,} to {chart.highest:,}. Dashed: the true total, {chart.expected:,}."


def as_html(storms: Sequence[Storm]) -> str:
    """The document of these storms (each with its bank). Of a storm that runs, it says how far it had come."""
    sections = [_section(storm) for storm in storms]
    return render_to_string(
        "accounts/document.html",
        {
            "title": str(storms[0]) if len(storms) == 1 else f"{len(storms)} storms side by side",
            "css": style_sheets(STYLE_SHEETS),
            "versions": versions(),
            "made_at": timezone.now(),
            "comparison": compare(storms),
            "sections": sections,
        },
    )


def as_values(storms: Sequence[Storm]) -> dict[str, Any]:
    """The same in plain values, ready for JSON."""
    return {"versions": versions(), "storms": [report_on(storm).as_values() for storm in storms]}


def as_rows(storms: Sequence[Storm]) -> list[dict[str, Any]]:
    """A row of plain values for each storm, ready for CSV: its report, and the columns of the comparison."""
    return [as_csv_values(report_on(storm)) for storm in storms]


def style_sheets(names: Iterable[str]) -> str:
    """The text of these of our style sheets: a document brings them along."""
    return "\n".join((STATIC / f"{name}.css").read_text() for name in names)


def versions() -> dict[str, str]:
    """What the report was made with."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        (server,) = cursor.fetchone()
    return {"PostgreSQL": server, "Python": platform.python_version(), "Django": django.get_version()}


def _section(storm: Storm) -> Section:
    report = report_on(storm) if storm.has_ended else None
    torn_audit = easiest_torn(storm)
    sample = sample_totals([storm], room=MAX_AUDITS)[storm.pk]
    accounts = _accounts(storm)
    return Section(
        storm=storm,
        promises=_promises(storm),
        plan=_plan(storm),
        verdict=in_words(report) if report else f"It is {storm.state}: this is how far it had come.",
        facts=report_text.facts(report) if report else [],
        sample=sample,
        totals=_chart(storm, sample) if sample.points else None,
        audit=audit_page(torn_audit) if torn_audit else None,
        accounts=accounts[:MAX_ACCOUNTS],
        account_count=len(accounts),
    )


def _chart(storm: Storm, sample: TotalSample) -> charts.TotalsChart:
    expected = storm.bank.opening_total
    return charts.totals_chart(sample.points, expected_total=expected, height=charts.DOCUMENT_HEIGHT)


def _promises(storm: Storm) -> list[Promise]:
    names = ("transfer", storm.transfer_with), ("audit", storm.audit_with)
    return [
        Promise(f"{function}s with", name, strategies.promise(name) if name in strategies.names(function) else "")
        for function, name in names
    ]


def _plan(storm: Storm) -> list[tuple[str, str]]:
    end_reason = f": {storm.reason}" if storm.reason else ""
    return [
        ("plan", f"{plan_in_words(storm)}, {storm.bank.opening_total:,} in all"),
        ("workers", f"{storm.worker_count:,} with {count(storm.thread_count, 'thread')} each"),
        ("launched", f"{storm.created_at:%Y-%m-%d %H:%M:%S} UTC, {storm.get_state_display().lower()}{end_reason}"),
    ]


def _accounts(storm: Storm) -> list[AccountLine]:
    """All accounts, those that are off first."""
    off = accounts_off(storm)
    rows = storm.bank.accounts.values_list("pk", "number", "opening_balance", "balance")
    accounts = [
        AccountLine(number, opening, balance - off.get(pk, 0), balance, off.get(pk, 0))
        for pk, number, opening, balance in rows
    ]
    return sorted(accounts, key=lambda account: (not account.off_by, account.number))
