"""A report as one HTML file that needs nothing else: to attach to a run of tests."""

from pathlib import Path
from typing import TYPE_CHECKING

from django.template import Context, Engine

from interleavings.report.text import caveats, ended_for_deadlock, verdict, what_differs
from interleavings.report.timeline import lines_of

if TYPE_CHECKING:
    from interleavings.report.report import Ending, Report

TEMPLATES = Path(__file__).parent
MAX_ANOMALIES = 50


def write_html(report: "Report", path: Path, *, title: str) -> None:
    """Write the report into a file; folders that are missing are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(as_html(report, title=title), encoding="utf-8")


def as_html(report: "Report", *, title: str) -> str:
    """The verdict, the schedules that went wrong (the easiest to read first, at most MAX_ANOMALIES), what differs.

    If the worst are deadlocks, one of these.
    """
    template = Engine(dirs=[str(TEMPLATES)]).get_template("report.html")
    shown = report.anomalies[:MAX_ANOMALIES] or ([report.shown] if report.shown else [])
    context = {
        "title": title,
        "verdict": verdict(report),
        "caveats": caveats(report),
        "is_right": report.shown is None,
        "calls": report.calls,
        "anomalies": [_anomaly(ending, report) for ending in shown],
        "left_out": max(0, len(report.anomalies) - MAX_ANOMALIES),
        "ignored": report.ignored_columns,
        "duration_s": report.duration_s,
    }
    return template.render(Context(context))


def _anomaly(ending: "Ending", report: "Report") -> dict[str, object]:
    rows = []
    for line in lines_of(ending.steps, ignored=report.ignored_columns):
        cells = {name: [cell for cell in line.cells if cell.call == name] for name in report.calls}
        rows.append({"number": line.number, "cells": list(cells.values())})
    return {
        "schedule": ending.schedule,
        "weight": ending.weight,
        "names": ", ".join(ending.names) or ("" if report.anomalies else "deadlock"),
        "rows": rows,
        "ended": ended_for_deadlock(ending),
        "differences": "\n".join(what_differs(ending, report)),
    }
