"""A storm, or several side by side, as one self-contained HTML file: it asks nobody for anything, and prints well."""

import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import django
from django.contrib.staticfiles import finders
from django.db import connection
from django.db.models import F, Func
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Abs
from django.template.loader import render_to_string
from django.utils import timezone

from accounts import strategies
from accounts.models import Audit, Storm
from accounts.reporting.audit_page import dissect
from accounts.reporting.charts.sparkline import sparkline
from accounts.reporting.comparison import compare
from accounts.reporting.total_samples import audited_totals
from accounts.storms import report_text
from accounts.storms.report import accounts_off, report_on
from accounts.storms.report_text import in_words

ENDED = {Storm.State.FINISHED, Storm.State.STOPPED, Storm.State.FAILED}
MOST_ACCOUNTS = 50
MOST_AUDITS = 400  # in the chart of totals


def as_html(chosen: Sequence[Storm]) -> str:
    """The document of these storms (each with its bank). Of a storm that runs, it says how far it had come."""
    sections = [_section(storm) for storm in chosen]
    return render_to_string(
        "accounts/document.html",
        {
            "title": str(chosen[0]) if len(chosen) == 1 else f"{len(chosen)} storms side by side",
            "css": "\n".join(
                Path(finders.find(f"accounts/{name}.css")).read_text() for name in ("document", "pictures")
            ),
            "versions": versions(),
            "made_at": timezone.now(),
            "comparison": compare(chosen),
            "sections": sections,
        },
    )


def as_values(chosen: Sequence[Storm]) -> dict[str, Any]:
    """The same in plain values, ready for JSON."""
    return {"versions": versions(), "storms": [report_on(storm).as_values() for storm in chosen]}


def versions() -> dict[str, str]:
    """What the report was made with."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        (server,) = cursor.fetchone()
    return {"PostgreSQL": server, "Python": platform.python_version(), "Django": django.get_version()}


def easiest_torn(storm: Storm) -> Audit | None:
    """The torn audit that is easiest to understand: no lost updates, few half-seen transfers, much money."""
    half_seen = Func(KeyTransform("half_seen", "explanation"), function="jsonb_array_length")
    return (
        storm.audits.filter(torn=True)
        .select_related("bank", "storm")
        .order_by("explanation__lost_update_count", half_seen, -Abs(F("total") - F("expected_total")), "number")
        .first()
    )


def _section(storm: Storm) -> dict[str, Any]:
    """What is said of one storm."""
    report = report_on(storm) if storm.state in ENDED else None
    torn = easiest_torn(storm)
    return {
        "storm": storm,
        "promises": _promises(storm),
        "report": report,
        "verdict": in_words(report) if report else f"It is {storm.state}: this is how far it had come.",
        "facts": report_text.facts(report) if report else [],
        **_totals(storm),
        "shown": dissect(torn) if torn else None,
        **_accounts(storm),
    }


def _promises(storm: Storm) -> list[tuple[str, str, str]]:
    """What each of the two strategies promises; nothing for one that is no longer there."""
    chosen = ("transfer", storm.transfer_with), ("audit", storm.audit_with)
    return [
        (f"{function}s with", name, strategies.promise(name) if name in strategies.names(function) else "")
        for function, name in chosen
    ]


def _totals(storm: Storm) -> dict[str, Any]:
    """The chart of totals, if there are any, and of how many audits it was drawn."""
    audited = audited_totals([storm], most=MOST_AUDITS).get(storm.pk)
    if audited is None:
        return {"totals": None}
    chart = sparkline(audited.totals, expected=storm.bank.opening_total, width=720, height=200)
    return {"totals": chart, "audits_taken": audited.taken}


def _accounts(storm: Storm) -> dict[str, Any]:
    """The accounts, those that are off first."""
    off = accounts_off(storm)
    rows = storm.bank.accounts.order_by("number").values_list("pk", "number", "opening_balance", "balance")
    accounts = [
        {
            "number": number,
            "opening": opening,
            "balance": balance,
            "should_be": balance - off.get(pk, 0),
            "off": off.get(pk, 0),
        }
        for pk, number, opening, balance in rows
    ]
    accounts.sort(key=lambda account: (not account["off"], account["number"]))
    return {"accounts": accounts[:MOST_ACCOUNTS], "account_count": len(accounts)}
