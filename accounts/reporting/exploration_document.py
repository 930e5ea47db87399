"""An exploration, or one schedule, beside its code, as one HTML file: it loads nothing, and prints well."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone

from accounts.explorer.headline import headline
from accounts.explorer.plan import SEPARATE, Plan
from accounts.explorer.report import ExplorationReport, ScheduleReport, StepReport
from accounts.explorer.tally import COUNTS
from accounts.explorer.timeline import headings
from accounts.reporting.document import style_sheets, versions
from accounts.reporting.lock_names import locks_are_apart, name_locks
from accounts.reporting.schedule_code import Source, sources_of_all_steps
from accounts.reporting.schedule_table import schedule_rows

STYLE_SHEETS = ("shared", "schedules", "document")


@dataclass(frozen=True)
class Row:
    """One step in the table."""

    number: int
    cells: Sequence[str]  #: by session: what it did
    place: str  #: the line that sent it: "row_lock.py:25"; empty: not known
    anchor: str  #: of that line in this file: "transfer-25"; empty: the line is not in it
    committed: str  #: the balances that others see from then on: "1: 4,970"; empty: it changed none


def exploration_as_html(plan: Plan, report: ExplorationReport, shown: ScheduleReport | None) -> str:
    """The verdict on a plan, and one of its schedules; `shown`: None if none was run."""
    context: dict[str, Any] = {"headline": headline(report), "counts": _counts(report.counts), "report": report}
    if shown is not None:
        context |= _schedule(plan, shown.steps, shown.schedule, ended=set(plan.sessions) - set(shown.hung))
    return _render(plan, {**context, "outcome": shown})


def schedule_as_html(plan: Plan, schedule: str, steps: Sequence[StepReport], outcome: ScheduleReport | None) -> str:
    """One schedule that was asked for; `outcome`: None if sessions have steps to take yet."""
    ended = set() if outcome is None else set(plan.sessions) - set(outcome.hung)
    return _render(plan, {**_schedule(plan, steps, schedule, ended=ended), "outcome": outcome})


def _render(plan: Plan, context: Mapping[str, Any]) -> str:
    frame = {
        "title": f"Transfers: {plan.transfer_with}, audits: {plan.audit_with}",
        "plan": plan,
        "is_separate": plan.processes == SEPARATE,
        "css": style_sheets(STYLE_SHEETS),
        "versions": versions(),
        "made_at": timezone.now(),
    }
    return render_to_string("accounts/exploration_document.html", {**frame, **context})


def _counts(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return [(count.meaning, counts[name]) for name, count in COUNTS.items() if counts.get(name)]


def _schedule(plan: Plan, steps: Sequence[StepReport], schedule: str, *, ended: set[str]) -> dict[str, Any]:
    """The schedule's table, and both files with the numbers of the steps that they sent."""
    sources, sessions = sources_of_all_steps(plan, steps), list(plan.sessions)
    rows = name_locks(plan.processes, sessions, schedule_rows(sessions, steps), ended=ended)
    anchors = _anchors(sources)
    return {
        "schedule": schedule,
        "sources": sources,
        "headings": headings(plan).values(),
        "locks_are_apart": locks_are_apart(plan.processes, [step.text for step in steps]),
        "rows": [
            Row(
                number=number,
                cells=row["cells"],
                place=f"{step.place.name}:{step.place.line}" if step.place else "",
                anchor=anchors.get(str(number), ""),
                committed=", ".join(f"{account}: {balance:,}" for account, balance in step.committed.items()),
            )
            for number, (row, step) in enumerate(zip(rows, steps, strict=True), start=1)
        ],
    }


def _anchors(sources: Sequence[Source]) -> dict[str, str]:
    """By a step's number: the line that sent it."""
    return {
        number: f"{source.function}-{line.number}"
        for source in sources
        for line in source.lines
        for number in line.sessions
    }
