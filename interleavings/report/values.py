"""A report as plain values, ready for JSON."""

from typing import TYPE_CHECKING, Any

from interleavings.report.text import what_differs
from interleavings.report.timeline import lines_of

if TYPE_CHECKING:
    from interleavings.report.report import Ending, Report


def report_values(report: "Report") -> dict[str, Any]:
    """The verdict with its numbers, every schedule that was run and went wrong, and the first of them step by step."""
    return {
        "serializable": report.serializable,
        "exhaustive": report.exhaustive,
        "schedules": report.schedules,
        "run": report.run,
        "about": report.about,
        "raced": report.raced,
        "unmet": list(report.unmet),
        "chosen_schedule": report.chosen_schedule,
        "anomaly_count": report.anomaly_count,
        "refused": report.refused,
        "ignored_columns": list(report.ignored_columns),
        "calls": dict(report.calls),
        "anomalies": [
            {"schedule": ending.schedule, "stands_for": ending.weight, "names": list(ending.names)}
            for ending in report.anomalies
        ],
        "witness": ending_values(report.shown, report) if report.shown else None,
        "duration_s": round(report.duration_s, 3),
        "upkeep_ms": {kind: round(taken_ms, 3) for kind, taken_ms in report.upkeep_ms.items()},
    }


def ending_values(ending: "Ending", report: "Report") -> dict[str, Any]:
    """One schedule step by step, and what differs at its end, line by line as in the text."""
    lines = lines_of(ending.steps, ignored=report.ignored_columns)
    return {
        "schedule": ending.schedule,
        "names": list(ending.names),
        "steps": [
            {"number": line.number, "cells": [{"call": c.call, "text": c.text, "code": c.code} for c in line.cells]}
            for line in lines
        ],
        "differences": what_differs(ending, report),
        "hung": list(ending.hung),
        "invariant": ending.broken,
    }
