"""Explorations: run from a form, shown as a grid of all schedules; and schedules stepped by hand."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from accounts import exploration
from accounts.admin.records import RecordAdmin
from accounts.admin.schedules import MOST_S, MOST_SCHEDULES, explore_within_limits, plan_of, timeline_rows
from accounts.admin.storms import StrategyForm
from accounts.errors import BankError
from accounts.models import SavedExploration
from accounts.timeline import heading as timeline_heading


class ExplorationForm(StrategyForm):
    """What is to be explored; it is explored while the form is checked, so that a refusal is shown in its place."""

    class Meta:
        model = SavedExploration
        fields = ["transfer_with", "audit_with", "transfers", "account_count", "audit_count", "processes"]

    def clean(self) -> dict[str, Any]:
        choices = super().clean()
        if not self.errors:
            try:
                self.found = explore_within_limits(SavedExploration(**choices))
            except BankError as refusal:
                raise forms.ValidationError(str(refusal)) from refusal
        return choices


@admin.register(SavedExploration)
class ExplorationAdmin(RecordAdmin):
    list_display = ["id", "transfer_with", "audit_with", "transfers", "processes", "verdict", "created_at"]
    list_display_links = ["id", "transfer_with"]
    list_filter = ["transfer_with", "audit_with", "processes"]
    form = ExplorationForm
    add_form_template = "admin/accounts/savedexploration/add_form.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return admin.ModelAdmin.has_add_permission(self, request)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict | None = None) -> HttpResponse:
        limits = {"most_schedules": MOST_SCHEDULES, "most_s": MOST_S}
        return super().add_view(request, form_url, {**(extra_context or {}), **limits})

    def get_urls(self) -> list[URLPattern]:
        step = path("<int:pk>/step/", self.admin_site.admin_view(self.step_view), name="accounts_savedexploration_step")
        return [step, *super().get_urls()]

    @admin.display(description="torn / schedules")
    def verdict(self, saved: SavedExploration) -> str:
        report = saved.report
        extent = "" if report["exhaustive"] else " (sampled)"
        return f"{report['torn']:,} / {report['schedules']:,}{extent}"

    def changeform_view(self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any) -> Any:
        """Not inside the transaction that the admin would open: the explorer's sessions must see what it writes."""
        if object_id is None and request.method == "POST":
            return self._changeform_view(request, object_id, "", None)
        return super().changeform_view(request, object_id, *args, **kwargs)

    def save_model(self, request: HttpRequest, saved: SavedExploration, form: ExplorationForm, change: bool) -> None:
        saved.report, saved.timelines = form.found.report(), form.found.timelines
        saved.save()

    def response_add(self, request: HttpRequest, saved: SavedExploration, post_url_continue: str | None = None) -> Any:
        return redirect("admin:accounts_savedexploration_change", saved.pk)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """The grid; a schedule that was chosen, or else the shortest bad one, is shown as a timeline beside it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        saved = get_object_or_404(SavedExploration, pk=object_id)
        chosen = request.GET.get("schedule") or (saved.report["witness"] or saved.timelines[0])["schedule"]
        shown = next((one for one in saved.timelines if one["schedule"] == chosen), saved.timelines[0])
        context = {
            "saved": saved,
            "headings": list(_headings(saved).values()),
            "shown": shown | {"rows": timeline_rows(_headings(saved), shown["steps"])},
            "can_step": self.has_add_permission(request),
        }
        return self._page(request, saved, "grid.html", context)

    def step_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """One session after another, by hand: each press replays the schedule so far and adds a step."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        saved = get_object_or_404(SavedExploration, pk=pk)
        if request.method != "POST":  # it runs something: a reader who reloads a page does not mean that
            return redirect("admin:accounts_savedexploration_change", pk)
        try:
            plan = plan_of(saved)
        except BankError as refusal:
            messages.error(request, str(refusal))
            return redirect("admin:accounts_savedexploration_change", pk)
        words = request.POST.get("schedule", "").split()[:200]
        if "undo" in request.POST:
            words = words[:-1]
        elif "press" in request.POST:
            words.append(request.POST["press"])
        try:
            played, refusal = exploration.replay(plan, " ".join(words)).report(), ""
        except BankError as error:
            words, refusal = words[:-1], str(error)
            played = exploration.replay(plan, " ".join(words)).report()
        context = {
            "saved": saved,
            "headings": list(_headings(saved).values()),
            "schedule": " ".join(words),
            "played": played | {"rows": timeline_rows(_headings(saved), played["steps"])},
            "refusal": refusal,
        }
        return self._page(request, saved, "step.html", context)

    def _page(self, request: HttpRequest, saved: SavedExploration, name: str, context: dict) -> HttpResponse:
        whole = {**self.admin_site.each_context(request), "opts": self.opts, "title": str(saved), **context}
        return TemplateResponse(request, f"admin/accounts/savedexploration/{name}", whole)


def _headings(saved: SavedExploration) -> dict[str, str]:
    """What each session does: {"t": "t: 1 > 2, 30 (row_lock)"}; only its name, if a strategy is no longer there."""
    try:
        plan = plan_of(saved)
    except BankError:
        return {step["session"]: step["session"] for step in saved.timelines[0]["steps"]}
    return {name: timeline_heading(plan, name) for name in plan.sessions}
