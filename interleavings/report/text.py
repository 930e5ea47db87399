"""A report as text: the verdict with its numbers, the easiest schedule that went wrong, and what differs at its end."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from interleavings.engine.hung import say_hung
from interleavings.oracle.values import UNKNOWN
from interleavings.report.differences import differences
from interleavings.report.refusals import DEADLOCK, REFUSALS
from interleavings.report.timeline import timeline

if TYPE_CHECKING:
    from interleavings.report.report import Ending, Report

MAX_UNMET = 3
AGAIN = 'report.replay(), or explore(..., schedule="{schedule}")'


def report_text(report: "Report", *, again: str = AGAIN) -> str:
    """The verdict; if a schedule went wrong, the one that is shown; and what was not met, nor compared."""
    parts = [verdict(report)]
    if report.shown:
        parts += _shown(report.shown, report, again)
    parts += caveats(report)
    if report.ignored_columns:
        parts.append(f"Not compared, as they differ between two equal runs: {', '.join(report.ignored_columns)}.")
    if unknown := unknown_values(report):
        parts.append(f"Not compared, as no more than its class is known: {', '.join(unknown)}.")
    return "\n\n".join(parts)


def unknown_values(report: "Report") -> list[str]:
    """What calls returned that cannot be compared, as "A returned (Cart)"."""
    found = {
        f"{call} {path} ({value.removeprefix(UNKNOWN)})"
        for outcome in report.serial.values()
        for call, values in outcome.results.items()
        for path, value in values.items()
        if isinstance(value, str) and value.startswith(UNKNOWN)
    }
    return sorted(found)


def _shown(ending: "Ending", report: "Report", again: str) -> Iterator[str]:
    names = f" ({', '.join(ending.names)})" if ending.names else ""
    which = f"The one that is easiest to read{names}" if report.anomalies else "The deadlock that is easiest to read"
    yield f"{which}:"
    yield timeline(ending.steps, report.calls, width=report.width, ignored=report.ignored_columns)
    if ending.broken:
        yield f"The invariant: {ending.broken}."
    if ending.hung:
        yield " ".join(say_hung(ending.hung, ending.steps))
    if sentence := ended_for_deadlock(ending):
        yield sentence
    if lines := what_differs(ending, report):
        yield "\n".join(["What differs at its end:", "", *lines])
    yield f"See it again: {again.format(schedule=ending.schedule)}"


def ended_for_deadlock(ending: "Ending") -> str:
    """Which call PostgreSQL ended for a deadlock; "" if it ended none."""
    names = [name for name, state in ending.outcome.refused.items() if state == DEADLOCK]
    return f"PostgreSQL ended {' and '.join(names)} to break the deadlock: it has not happened." if names else ""


def what_differs(ending: "Ending", report: "Report") -> list[str]:
    """What ended otherwise than after some serial order, line by line; nothing if the schedule did not go wrong."""
    return differences(ending.outcome, report.serial, report.ignored_columns) if report.anomalies else []


def verdict(report: "Report") -> str:
    """One sentence: how many schedules went wrong, of how many, and whether these were all."""
    calls = f"the {len(report.calls)} calls"
    how_many = f"{report.anomaly_count:,} of {report.schedules:,} schedules end as no serial order of {calls} does"
    if not report.anomalies:
        how_many = f"each of {report.schedules:,} schedules ends as a serial order of {calls} does"
    if report.chosen_schedule is not None:
        how_many = f"this schedule ends as {'a' if report.serializable else 'no'} serial order of {calls} does"
    refusals = "".join(f"; {REFUSALS[state]} in {count:,}" for state, count in sorted(report.refused.items()))
    return f"{how_many}{refusals}; {_bound(report)}."


def caveats(report: "Report") -> list[str]:
    """What the database decided, and the schedules do not say: a sentence on each."""
    raced = (
        f"In {report.raced:,} of them, one step let several calls go on, each in a transaction that ended there: "
        "in which order the database took them cannot be seen. Each was run several times, for either to come first."
    )
    return [_unmet(report)] * bool(report.unmet) + [raced] * bool(report.raced)


def _unmet(report: "Report") -> str:
    examples = "; ".join(report.unmet[:MAX_UNMET])
    more = f"; and {len(report.unmet) - MAX_UNMET:,} more" if len(report.unmet) > MAX_UNMET else ""
    return (
        f"Not met: {examples}{more}. Several calls wait there for one step, and PostgreSQL picks one that goes on (the "
        "one after the >). It never picked this one, so what follows was not run. On a quieter machine it may."
    )


def _bound(report: "Report") -> str:
    if report.chosen_schedule is not None:
        return "NOT exhaustive: no other was run"
    if report.unmet:
        choices = f"{len(report.unmet):,} choice{'s' * (len(report.unmet) > 1)} of the database"
        return f"NOT exhaustive: {report.run:,} were run, and {choices} could not be met"
    if not report.exhaustive:
        about = f" of about {report.about:,.0f}" if report.about else ""
        return f"NOT exhaustive: {report.run:,}{about} were run"
    if report.schedules == report.run:
        return "exhaustive"
    return f"exhaustive ({report.run:,} were run, the others only swap steps that do not meet)"
