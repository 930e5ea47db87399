"""The live page of a storm, and its parts that the browser reloads while the storm runs."""

import math
import time
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from accounts.admin.bases import ModelAdmin
from accounts.admin.guards import post_only, require
from accounts.admin.records import number_of
from accounts.admin.votes import scenes_shown
from accounts.errors import BankError
from accounts.models import Storm
from accounts.reporting.failed_operations import observe_failures
from accounts.reporting.lock_waits import NO_WAITS, observe_waits
from accounts.reporting.storm_page import observe
from accounts.reporting.storms_in_a_row import observe_row
from accounts.reporting.worker_timeline import observe_workers
from accounts.storms import report_text
from accounts.storms.lifecycle import end_storm, start_next
from accounts.storms.report import report_on
from bankproject.htmx import wants_part

PAUSE_TO_COST = 10


class LivePages(ModelAdmin):
    """For the admin of storms: instead of a form for changing one, a page that shows it as it runs."""

    def get_urls(self) -> list[URLPattern]:
        views = {
            "stop": self.stop_view,
            "judge": self.judge_view,
            "next": self.next_view,
            "workers": self.workers_view,
            "row": self.row_view,
        }
        pages = [
            path(f"<int:pk>/{name}/", self.admin_site.admin_view(view), name=f"accounts_storm_{name}")
            for name, view in views.items()
        ]
        return [*pages, *super().get_urls()]

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """The live page; to htmx, only what changes every second."""
        storm = self._get(request, object_id)
        context = self._now(request, storm)
        if wants_part(request):
            return TemplateResponse(request, "admin/accounts/storm/poll.html", context)
        context |= {**self.admin_site.each_context(request), "opts": self.opts, "title": str(storm)}
        context |= _workers(request, storm) | _row(request, storm)
        return TemplateResponse(request, "admin/accounts/storm/live.html", context)

    def workers_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The lanes of the workers, in the window of time that is asked for."""
        storm = self._get(request, pk)
        context = {"storm": storm, **_workers(request, storm)}
        return TemplateResponse(request, "accounts/worker_timeline.html", context)

    def row_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The storms that run one after another with this one, and what the class says of them."""
        storm = self._get(request, pk)
        return TemplateResponse(request, "admin/accounts/storm/row.html", _row(request, storm))

    @post_only("accounts_storm_change")
    def stop_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Stop a planned or running storm; what was applied stays applied."""
        require(self.has_stop_permission(request))
        storm = get_object_or_404(Storm, pk=pk)
        if end_storm(storm, Storm.State.STOPPED, f"Stopped by {request.user}."):
            messages.info(request, "Stopped. Transfers that were applied stay applied; the others stay pending.")
        else:
            messages.warning(request, f"The storm was not running any more: it is {storm.state}.")
        return redirect("admin:accounts_storm_change", pk)

    @post_only("accounts_storm_change")
    def judge_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Check what a storm did that was stopped or has failed, and keep the report."""
        require(self.has_add_permission(request))
        storm = get_object_or_404(Storm, pk=pk)
        if storm.state in (Storm.State.STOPPED, Storm.State.FAILED):
            if not report_on(storm).is_final:
                messages.warning(request, report_text.NOT_FINAL)
        else:
            messages.warning(request, f"The storm is {storm.state}: its workers check its audits when it ends.")
        return redirect("admin:accounts_storm_change", pk)

    @post_only("accounts_storm_change")
    def next_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Start the next storm of a row that is started by hand, and go to it."""
        require(self.has_add_permission(request))
        storm = get_object_or_404(Storm, pk=pk)
        try:
            storm = start_next(storm)
        except BankError as refusal:
            messages.warning(request, str(refusal))
        return redirect("admin:accounts_storm_change", storm.pk)

    def _get(self, request: HttpRequest, pk: int | str) -> Storm:
        require(self.has_view_permission(request))
        return get_object_or_404(Storm.objects.select_related("bank"), pk=number_of(pk))

    def has_stop_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.stop_storm")

    def _now(self, request: HttpRequest, storm: Storm) -> dict[str, Any]:
        began = time.perf_counter()
        page = observe(storm)
        progress = page.progress
        return {
            "storm": storm,
            "page": page,
            "waits": observe_waits() if page.is_running else NO_WAITS,
            "failures": observe_failures(storm, transfers=progress.transfers_failed, audits=progress.audits_failed),
            "every_s": _pace_s(began),
            **_links(),
            "can_stop": self.has_stop_permission(request),
            "can_judge": self.has_add_permission(request),
        }


def _row(request: HttpRequest, storm: Storm) -> dict[str, Any]:
    began = time.perf_counter()
    row = observe_row(storm)
    return {"storm": storm, "row": row, **scenes_shown(request, storm, row), "row_every_s": _pace_s(began)}


def _workers(request: HttpRequest, storm: Storm) -> dict[str, Any]:
    began = time.perf_counter()
    timeline = observe_workers(storm, at=request.GET.get("at"), span=request.GET.get("span"))
    return {"timeline": timeline, **_links(), "every_s": _pace_s(began)}


def _pace_s(began: float) -> int:
    """In how many seconds to ask again: 1, or more where the answer took over a tenth of that."""
    return max(1, math.ceil(PAUSE_TO_COST * (time.perf_counter() - began)))


def _links() -> dict[str, str]:
    """The beginnings of addresses. (To reverse a URL for each of 500 dots would take longer than to draw them.)"""
    return {
        "audits_url": reverse("admin:accounts_audit_changelist"),
        "transfers_url": reverse("admin:accounts_transfer_changelist"),
    }
