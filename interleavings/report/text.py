"""A report as text: the verdict with its numbers, the easiest schedule that went wrong, and what differs at its end."""

from typing import TYPE_CHECKING

from interleavings.report.differences import differences
from interleavings.report.refusals import REFUSALS
from interleavings.report.timeline import timeline

if TYPE_CHECKING:
    from interleavings.report.report import Report


def report_text(report: "Report") -> str:
    parts = [verdict(report)]
    if report.anomalies:
        worst = report.anomalies[0]
        names = f" ({', '.join(worst.names)})" if worst.names else ""
        parts += ["", f"The one that is easiest to read{names}:", "", timeline(worst.steps, report.calls)]
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
