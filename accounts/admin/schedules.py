"""Exploring from a page: within limits, so that no page waits for ever; and a storm's transfer as a small scenario."""

import time
from collections.abc import Iterable
from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest

from accounts import exploration, planning
from accounts.crossings import as_scenario
from accounts.cuts import Move
from accounts.errors import BankError
from accounts.exploration import Exploration
from accounts.models import Audit, SavedExploration, Transfer
from accounts.scenarios import SEPARATE, SHARED, Plan, make_plan

MOST_SCHEDULES = 500  # run in one request; more are sampled
MOST_S = 30


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


def plan_of(saved: SavedExploration) -> Plan:
    """What was explored, to be run again. Raises BankError for what cannot be."""
    return make_plan(
        transfer_with=saved.transfer_with,
        audit_with=saved.audit_with,
        accounts=saved.account_count,
        transfers=saved.transfers,
        audits=saved.audit_count,
        processes=saved.processes,
    )


def explore_within_limits(saved: SavedExploration) -> Exploration:
    """Run its schedules, at most MOST_SCHEDULES of them. Raises BankError if that takes longer than MOST_S."""
    deadline = time.monotonic() + MOST_S

    def give_up_in_time(run_count: int) -> None:
        if time.monotonic() > deadline:
            raise BankError(
                f"Given up after {MOST_S} s (schedules run: {run_count}), because a page should not take longer: "
                "choose fewer transfers or audits, or run it in a terminal with `manage.py explore`."
            )

    return exploration.explore(
        plan_of(saved), prune=False, limit=MOST_SCHEDULES, on_progress=give_up_in_time, keep_timelines=True
    )


def explore_half_seen(audit: Audit, transfer: int | None) -> SavedExploration:
    """Explore one transfer that the audit saw half, with its storm's strategies, and keep what was found.

    Raises BankError if the audit has not seen it half, or belongs to no storm.
    """
    half_seen = {seen["transfer"] for seen in (audit.explanation or {}).get("half_seen", [])}
    if audit.storm is None or transfer not in half_seen:
        raise BankError(f"Transfer {transfer or '-'} is none that {audit} saw half: choose one of those on this page.")
    row = Transfer.objects.select_related("source", "target").get(pk=transfer)
    move = Move(row.pk, row.source_id, row.target_id, row.amount, row.source.number, row.target.number)
    saved = SavedExploration(
        transfer_with=audit.storm.transfer_with,
        audit_with=audit.storm.audit_with,
        transfers=as_scenario(move, opening=planning.LECTURE_BALANCES),
        account_count=2,
        audit_count=1,
        processes=SEPARATE if audit.storm.worker_count > 1 else SHARED,
    )
    found = explore_within_limits(saved)
    saved.report, saved.timelines = found.report(), found.timelines
    saved.save()
    return saved
