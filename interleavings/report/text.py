"""A report as text: the verdict with its numbers, the easiest schedule that went wrong, and what differs at its end."""

import textwrap
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from interleavings.engine.step import Step
from interleavings.report.differences import differences
from interleavings.report.refusals import REFUSALS
from interleavings.report.statement_text import short_statement

if TYPE_CHECKING:
    from interleavings.report.report import Report

WIDTH = 110


def report_text(report: "Report") -> str:
    parts = [verdict(report)]
    if report.anomalies:
        worst = report.anomalies[0]
        parts += ["", "The schedule that is easiest to read:", "", timeline(worst.steps, report.calls)]
        parts += [
            "",
            "What differs at its end:",
            "",
            *differences(worst.outcome, report.serial, report.ignored_columns),
        ]
        parts += ["", f'See it again: report.replay(), or explore(..., schedule="{worst.schedule}")']
    if report.ignored_columns:
        parts += ["", f"Not compared, as they differ between two equal runs: {', '.join(report.ignored_columns)}."]
    return "\n".join(parts)


def verdict(report: "Report") -> str:
    """One sentence or two: how many schedules went wrong, of how many, and whether these were all."""
    calls = f"the {len(report.calls)} calls"
    how_many = f"{report.anomaly_count:,} of {report.schedules:,} schedules end as no serial order of {calls} does"
    if not report.anomalies:
        how_many = f"Each of {report.schedules:,} schedules ends as a serial order of {calls} does"
    refused = "".join(f"; {REFUSALS[state]} in {count:,}" for state, count in sorted(report.refused.items()))
    return f"{how_many}{refused}; {_bound(report)}."


def _bound(report: "Report") -> str:
    if report.exhaustive:
        pruned = report.schedules - report.run
        return (
            f"exhaustive ({report.run:,} run, the others only swap steps that do not meet)" if pruned else "exhaustive"
        )
    about = f" of about {report.about:,.0f}" if report.about else ""
    return f"NOT exhaustive: {report.run:,}{about} were run"


def timeline(steps: Sequence[Step], calls: Iterable[str]) -> str:
    """The steps from above to below, a column for each call."""
    names = list(calls)
    width = max(24, (WIDTH - 5) // len(names) - 2)
    lines = ["     " + "  ".join(name.ljust(width) for name in names).rstrip()]
    for place, step in enumerate(steps):
        cells = {name: [""] for name in names}
        cells[step.session] = _wrapped(_cell(step), width)
        for other in steps:
            if other.freed_by == place and other.session != step.session:
                cells[other.session] = _wrapped(f"goes on{_result(other)}", width)
        for row in range(max(map(len, cells.values()))):
            number = f"{place + 1:>3}  " if row == 0 else "     "
            texts = (cells[name][row] if row < len(cells[name]) else "" for name in names)
            lines.append((number + "  ".join(text.ljust(width) for text in texts)).rstrip())
    return "\n".join(lines)


def _cell(step: Step) -> str:
    text = short_statement(step)
    if step.was_blocked:
        return f"{text}: waits for {' and '.join(step.waited_for)}"
    return f"{text}{_result(step)}"


def _result(step: Step) -> str:
    if step.error:
        return f" -> ERROR {step.error}"
    if step.rows is None:
        return ""
    if not step.rows:
        return " -> no row"
    if len(step.rows) > 2:
        return f" -> {len(step.rows)} rows"
    return " -> " + "; ".join(_row(step, row) for row in step.rows)


def _row(step: Step, row: tuple) -> str:
    pairs = [f"{name}={value!s:.20}" for name, value in zip(step.columns, row, strict=False)]
    return ", ".join(pairs[:5]) + (", ..." if len(pairs) > 5 else "")


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, subsequent_indent="  ") or [""]
