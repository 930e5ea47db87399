"""The columns in which storms are compared: on the page, in documents, in CSV, and in the terminal by `compare`.

Adding a column is adding it here.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from accounts.db.sqlstates import DEADLOCK
from accounts.evidence.amounts import signed
from accounts.evidence.narrative import count
from accounts.models import Report
from accounts.reporting.storms_so_far import StormSoFar
from accounts.storms.expectations import Outcome

UNKNOWN = "\N{MINUS SIGN}"  # what is not known yet


class Cell(NamedTuple):
    """What stands in one column of one storm."""

    #: A plain value, for CSV; None if it is not known yet.
    value: int | float | str | None
    #: The same, for people.
    text: str
    #: A smaller line below it.
    note: str = ""
    #: CSS classes.
    css: str = ""

    @classmethod
    def of(cls, value: Any) -> "Cell":
        """A cell as it is, or a plain value as people write it."""
        if isinstance(value, Cell):
            return value
        if value is None:
            return cls(None, UNKNOWN)
        return cls(value, value if isinstance(value, str) else f"{value:,.0f}")


class Column(NamedTuple):
    """One column: how a storm's cell comes from its report, or from what is known before there is one."""

    #: In CSV.
    name: str
    #: In the head of the table. A soft hyphen is where it may be broken.
    label: str
    #: Both give a Cell, or a plain value.
    final: Callable[[Report], Any]
    so_far: Callable[[StormSoFar], Any] = lambda _storm: None
    css: str = "number"
    #: In the terminal: the head ("": the label), how many characters have room, and the value ("": the cell's text).
    head: str = ""
    width: int = 8
    brief: Callable[[Report], str] = lambda _report: ""

    @property
    def brief_head(self) -> str:
        return self.head or self.label.replace("\N{SOFT HYPHEN}", "")

    def in_brief(self, report: Report) -> str:
        return self.brief(report) or self.cell(report).text

    def cell(self, figures: Report | StormSoFar) -> Cell:
        """What stands in it of a storm: by its report, or by what is known before there is one."""
        cell = Cell.of(self.final(figures) if isinstance(figures, Report) else self.so_far(figures))
        return cell._replace(css=f"{self.css} {cell.css}".strip())


def ran_on(workers: int, threads: int) -> str:
    """A lock of Python's holds among threads and not among processes: which of them there were is half of the story."""
    processes = "1 process" if workers == 1 else f"{workers:,} processes"
    return processes if threads == 1 else f"{processes} x {count(threads, 'thread')}"


def _verdict(word: str) -> Cell:
    return Cell(word, word, css=word)


def _torn(report: Report) -> Cell:
    """How many audits are torn, of all that were taken; below it their share, or of how many it is not known."""
    audits = report.audits
    text = f"{audits.torn:,} / {audits.taken:,}"
    if audits.torn_unknown:
        return Cell(audits.torn, text, f"unknown: {audits.torn_unknown:,}")
    return Cell(audits.torn, text, f"{100 * audits.torn / audits.taken:.1f} %" if audits.taken else "")


def _torn_in_brief(report: Report) -> str:
    audits = report.audits
    return f"?/{audits.taken}" if audits.torn_unknown else f"{audits.torn}/{audits.taken}"


def _torn_so_far(storm: StormSoFar) -> Cell:
    """The same, of those that are judged by now."""
    progress = storm.progress
    torn, judged = progress.audits_torn, progress.audits_judged
    if not judged:
        return Cell(None, f"{UNKNOWN} / {progress.audits_taken:,}")
    of_judged = "" if judged == progress.audits_taken else f" of {judged:,} checked"
    return Cell(torn, f"{torn:,} / {progress.audits_taken:,}", f"{100 * torn / judged:.1f} %{of_judged}")


def _drift(amount: int) -> Cell:
    return Cell(amount, signed(amount))


def _wait(p50_ms: float, p99_ms: float) -> Cell:
    return Cell(p50_ms, f"{p50_ms:,.1f}", f"99 %: {p99_ms:,.1f}")


COLUMNS = [
    Column(
        "ran_on",
        "ran on",
        lambda report: ran_on(report.workers, report.threads),
        lambda so_far: ran_on(so_far.storm.worker_count, so_far.storm.thread_count),
        css="ran-on",
    ),
    Column(
        "verdict",
        "verdict",
        lambda report: _verdict(Outcome.of(report).value),
        lambda so_far: _verdict(so_far.storm.get_state_display().lower()),
        css="verdict",
    ),
    Column("torn_audits", "torn audits", _torn, _torn_so_far, head="torn", width=9, brief=_torn_in_brief),
    Column("drift", "drift", lambda report: _drift(report.drift), lambda so_far: _drift(so_far.drift), width=7),
    Column("lost_updates", "lost updates", lambda report: report.lost_updates, head="lost", width=6),
    Column(
        "deadlocks",
        "dead\u00adlocks",
        lambda report: report.deadlocks,
        lambda so_far: so_far.deadlocks,
        head=DEADLOCK,
        width=6,
    ),
    Column("retries", "retries", lambda report: report.retries, lambda so_far: so_far.retries, width=7),
    Column(
        "transfers_per_second",
        "trans\u00adfers/s",
        lambda report: report.transfers_per_second,
        lambda so_far: so_far.transfers_per_second,
    ),
    Column(
        "lock_wait_ms",
        "wait, ms",
        lambda report: _wait(report.lock_wait_ms.p50, report.lock_wait_ms.p99),
        lambda so_far: _wait(so_far.wait_p50_ms, so_far.wait_p99_ms),
        head="wait",
        width=11,
        brief=lambda report: f"{report.lock_wait_ms.p50:.1f}/{report.lock_wait_ms.p99:.1f}",
    ),
]


def as_csv_values(report: Report) -> dict[str, Any]:
    """A report's own values, and after them those columns that it has none of."""
    values = report.as_values()
    columns = {column.name: column.cell(report).value for column in COLUMNS}
    return values | {name: value for name, value in columns.items() if name not in values}
