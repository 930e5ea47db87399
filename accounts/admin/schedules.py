"""A schedule as a table, and a storm's transfer as a small scenario for the explorer."""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest

from accounts.errors import BankError
from accounts.explorer import saved as saved_explorations
from accounts.explorer.plan import SEPARATE, SHARED
from accounts.models import Audit, SavedExploration, Transfer, opening
from accounts.reporting.charts.cut import Move
from accounts.reporting.half_seen import as_scenario


def timeline_rows(sessions: Iterable[str], steps: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """A schedule's table, for timeline.html: a row for each step, and in it a cell for each session."""
    names = list(sessions)
    return [
        {
            "number": number,
            "cells": [({step["session"]: step["step"]} | step["went_on"]).get(name, "") for name in names],
        }
        for number, step in enumerate(steps, start=1)
    ]


def may_explore(site: AdminSite, request: HttpRequest) -> bool:
    return site.get_model_admin(SavedExploration).has_add_permission(request)


def explore_half_seen(audit: Audit, transfer: int | None) -> SavedExploration:
    """Begin to explore one transfer that the audit saw half, with its storm's strategies.

    Raises BankError if the audit did not see that transfer half, or belongs to no storm.
    """
    half_seen = {seen["transfer"] for seen in (audit.explanation or {}).get("half_seen", [])}
    if audit.storm is None or transfer not in half_seen:
        raise BankError(f"Transfer {transfer or '-'} is not half seen by {audit}: choose one of those on this page.")
    row = Transfer.objects.select_related("source", "target").get(pk=transfer)
    move = Move(row.pk, row.source_id, row.target_id, row.amount, row.source.number, row.target.number)
    saved = SavedExploration(
        transfer_with=audit.storm.transfer_with,
        audit_with=audit.storm.audit_with,
        transfers=as_scenario(move, opening=opening.LECTURE_BALANCES),
        account_count=2,
        audit_count=1,
        processes=SEPARATE if audit.storm.worker_count > 1 else SHARED,
    )
    saved_explorations.launch(saved)
    return saved
