"""Explorations: a form that launches one, a grid of all schedules that fills as they run, and steps taken by hand."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from accounts.admin import stepping
from accounts.admin.guards import require
from accounts.admin.records import KeptAdmin, number_of
from accounts.admin.storms import StrategyForm
from accounts.db.primary_key import read_primary_key
from accounts.errors import BankError
from accounts.explorer import saved as saved_explorations
from accounts.explorer.headline import headline
from accounts.explorer.plan import Plan
from accounts.explorer.report import Listed, Timeline
from accounts.explorer.saved import MAX_DURATION_S, MAX_SCHEDULES, SavedReport, plan_of, read_saved, report_of
from accounts.explorer.tally import COUNTS
from accounts.explorer.timeline import headings
from accounts.explorer.verdicts import sign
from accounts.models import SavedExploration
from accounts.reporting.exploration_document import exploration_as_html
from accounts.reporting.lock_names import locks_are_apart, name_locks
from accounts.reporting.schedule_code import schedule_code
from accounts.reporting.schedule_table import schedule_rows
from bankproject.htmx import wants_part


class ExplorationForm(StrategyForm):
    """What is to be explored."""

    class Meta:
        model = SavedExploration
        fields = ["transfer_with", "audit_with", "transfers", "account_count", "audit_count", "processes"]

    def clean(self) -> dict[str, Any]:
        super().clean()
        choices: dict[str, Any] = self.cleaned_data
        if not self.errors:
            try:
                plan_of(SavedExploration(**choices))
            except BankError as refusal:
                raise forms.ValidationError(str(refusal)) from refusal
        return choices


@admin.register(SavedExploration)
class ExplorationAdmin(KeptAdmin):
    list_display = ["key", "transfer_with", "audit_with", "transfers", "processes", "verdict", "created_at"]
    list_display_links = ["key", "transfer_with"]
    list_filter = ["transfer_with", "audit_with", "processes"]
    form = ExplorationForm
    fields = [("transfer_with", "audit_with"), ("transfers", "account_count", "audit_count"), "processes"]
    add_form_template = "admin/accounts/savedexploration/add_form.html"

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {"title": "Explore every schedule", "max_schedules": MAX_SCHEDULES, "max_duration_s": MAX_DURATION_S}
        return super().add_view(request, form_url, {**(extra_context or {}), **context})

    def get_urls(self) -> list[URLPattern]:
        pages = [
            path(f"<int:pk>/{name}/", self.admin_site.admin_view(view), name=f"accounts_savedexploration_{name}")
            for name, view in {"step": self.step_view, "report": self.report_view}.items()
        ]
        return [*pages, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[SavedExploration]:
        """For the list, which shows no steps: the timelines of 500 schedules are most of a row."""
        explorations: QuerySet[SavedExploration] = super().get_queryset(request)
        return explorations.defer("timelines")

    def verdict(self, exploration: SavedExploration) -> str:
        """The headline of its page; of one that has not counted every schedule: how it ended."""
        report = report_of(exploration)
        if report is None or not (report.exhaustive or exploration.state == SavedExploration.State.FINISHED):
            return exploration.get_state_display()
        return headline(report).text

    def save_model(
        self, request: HttpRequest, exploration: SavedExploration, form: ExplorationForm, change: bool
    ) -> None:
        saved_explorations.launch(exploration)

    def response_add(
        self, request: HttpRequest, exploration: SavedExploration, post_url_continue: str | None = None
    ) -> Any:
        return redirect("admin:accounts_savedexploration_change", exploration.pk)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """The grid, which the browser reloads while schedules are run; below it, the steps of the chosen schedule."""
        require(self.has_view_permission(request))
        exploration = get_object_or_404(SavedExploration, pk=number_of(object_id))
        results = read_saved(exploration)
        chosen_timeline = _chosen(results, request.GET.get("schedule"))
        context = {
            "saved": exploration,
            **_grid([timeline.listed for timeline in results.timelines] or results.listing),
            "counts": _counts(results),
            "timeline": _table(exploration, results, chosen_timeline),
            "headings": list(_headings(exploration, results.timelines).values()),
            "locks_are_apart": locks_are_apart(exploration.processes, _texts(results.timelines[:1])),
            "can_step": self.has_add_permission(request),
            "can_launch_storm": request.user.has_perm("accounts.add_storm"),
        }
        context |= _code(exploration, chosen_timeline, request.GET.get("step", ""))
        context["headline"] = headline(results.report, is_live=exploration.is_live) if results.report else None
        return self._page(request, exploration, "found.html" if wants_part(request) else "grid.html", context)

    def step_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """One session after another, by hand. A press of a button leads to the page of the next schedule."""
        require(self.has_add_permission(request))
        exploration = get_object_or_404(SavedExploration, pk=pk)
        if request.method == "POST":
            return stepping.see(request, stepping.after_press(request.POST))
        try:
            plan = plan_of(exploration)
        except BankError as refusal:
            messages.error(request, str(refusal))
            return redirect("admin:accounts_savedexploration_change", pk)
        schedule = stepping.play(plan, stepping.words_in(request.GET.get("schedule", "")))
        step = read_primary_key(request.GET.get("step", ""))
        context = {"saved": exploration, **stepping.describe(plan, schedule, step=step)}
        return self._page(request, exploration, "step.html", context)

    def report_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The exploration and the chosen schedule beside its code, as one self-contained file."""
        require(self.has_view_permission(request))
        exploration = get_object_or_404(SavedExploration, pk=pk)
        results, plan = read_saved(exploration), _plan_or_none(exploration)
        if results.report is None or plan is None:
            messages.error(
                request, "There is nothing to report: no schedule was run, or a strategy is no longer there."
            )
            return redirect("admin:accounts_savedexploration_change", pk)
        timeline = _chosen(results, request.GET.get("schedule"))
        return HttpResponse(
            exploration_as_html(plan, results.report, timeline.report if timeline else None),
            headers={"Content-Disposition": f'attachment; filename="exploration-{pk}.html"'},
        )

    def _page(
        self, request: HttpRequest, exploration: SavedExploration, name: str, context: dict[str, Any]
    ) -> HttpResponse:
        page = {**self.admin_site.each_context(request), "opts": self.opts, "title": str(exploration), **context}
        return TemplateResponse(request, f"admin/accounts/savedexploration/{name}", page)


def _grid(schedules: Sequence[Listed]) -> dict[str, Any]:
    """A cell for each schedule, and a legend of the signs that occur."""
    signs = [sign(entry.verdict) for entry in schedules]
    return {
        "cells": [
            entry.as_values() | {"letter": letter, "kind": kind}
            for entry, (letter, kind, _word) in zip(schedules, signs, strict=True)
        ],
        "legend": sorted(set(signs), key=lambda sign: sign[2]),
    }


def _counts(results: SavedReport) -> list[tuple[int, str]]:
    """What was counted, in words; nothing of what was never met."""
    counts = {} if results.report is None else results.report.counts
    return [(counts[name], count.meaning) for name, count in COUNTS.items() if counts.get(name)]


def _chosen(results: SavedReport, schedule: str | None) -> Timeline | None:
    """The timeline of this schedule, or else of the shortest bad one; None while they are being run."""
    if results.report is None or not results.timelines:
        return None
    worst = results.timelines[0].report if results.report.worst is None else results.report.worst
    by_schedule = {timeline.report.schedule: timeline for timeline in results.timelines}
    return by_schedule.get(schedule or worst.schedule) or by_schedule.get(worst.schedule, results.timelines[0])


def _table(exploration: SavedExploration, results: SavedReport, timeline: Timeline | None) -> dict[str, Any] | None:
    """The chosen schedule with the rows of its table."""
    if timeline is None:
        return None
    sessions = list(_headings(exploration, results.timelines))
    rows = schedule_rows(sessions, timeline.report.steps)
    return timeline.as_values() | {
        "rows": name_locks(exploration.processes, sessions, rows, ended={*sessions} - {*timeline.report.hung})
    }


def _code(exploration: SavedExploration, timeline: Timeline | None, step: str) -> dict[str, Any]:
    """The code beside the chosen schedule, at this step; nothing if a strategy is no longer there."""
    plan = _plan_or_none(exploration)
    if timeline is None or plan is None:
        return {}
    code = schedule_code(plan, timeline.report.steps, read_primary_key(step) or 1)
    until_here = " ".join(timeline.report.schedule.split()[: code.step])
    return {
        "code": code,
        "steps_url": f"?{urlencode({'schedule': timeline.report.schedule})}",
        "from_here": urlencode({"schedule": until_here}),
        "report_query": urlencode({"schedule": timeline.report.schedule}),
    }


def _texts(timelines: Sequence[Timeline]) -> list[str]:
    """What the steps of these schedules did."""
    return [step.text for timeline in timelines for step in timeline.report.steps]


def _plan_or_none(exploration: SavedExploration) -> Plan | None:
    """The plan; None if a strategy is no longer there."""
    try:
        return plan_of(exploration)
    except BankError:
        return None


def _headings(exploration: SavedExploration, timelines: Sequence[Timeline]) -> dict[str, str]:
    """What each session does: {"t": "t: 1 > 2, 30 (row_lock)"}; only its name, if a strategy is no longer there."""
    plan = _plan_or_none(exploration)
    if plan is None:
        return {step.session: step.session for timeline in timelines[:1] for step in timeline.report.steps}
    return headings(plan)
