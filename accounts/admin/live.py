"""The live page of a storm, and the parts of it that ask for themselves while the storm runs."""

import math
import time
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from accounts.admin.guards import post_only, require
from accounts.admin.records import number_of
from accounts.errors import BankError
from accounts.models import Storm
from accounts.reporting.document import easiest_torn
from accounts.reporting.failed_operations import observe_failures
from accounts.reporting.lock_waits import observe_waits
from accounts.reporting.storm_page import LIVE, observe
from accounts.reporting.storms_in_a_row import observe_row
from accounts.reporting.worker_timeline import observe_workers
from accounts.storms import report_text
from accounts.storms.expectations import Outcome
from accounts.storms.lifecycle import end_storm, start_next
from accounts.storms.report import report_on
from accounts.storms.report_text import in_words

PAUSE_TO_COST = 10  # a page waits ten times as long as its last answer took
MAX_ROWS = 20  # of a table that is sent every second
KINDS = {
    "right": "right",
    "torn": "torn: it saw a transfer on one account only",
    "luck": "torn, and the total is right by luck",
    "wrong": "wrong and not torn: the bank's money is wrong (made or lost), or the audit did not read every account",
    "unjudged": "wrong, not checked yet",
}


class LivePages(admin.ModelAdmin):
    """For the admin of storms: instead of a form for changing one, a page that shows it as it runs."""

    def get_urls(self) -> list[URLPattern]:
        views = {
            "stop": self.stop_view,
            "judge": self.judge_view,
            "next": self.next_view,
            "workers": self.workers_view,
            "row": self.row_view,
        }
        ours = [
            path(f"<int:pk>/{name}/", self.admin_site.admin_view(view), name=f"accounts_storm_{name}")
            for name, view in views.items()
        ]
        return [*ours, *super().get_urls()]

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """The live page; to htmx, only what changes every second."""
        storm = self._get(request, object_id)
        context = self._now(request, storm)
        if request.htmx:
            return TemplateResponse(request, "admin/accounts/storm/poll.html", context)
        context |= {**self.admin_site.each_context(request), "opts": self.opts, "title": str(storm)}
        context |= _workers(request, storm) | self._row(request, storm)
        return TemplateResponse(request, "admin/accounts/storm/live.html", context)

    def workers_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The lanes of the workers, in the window of time that is asked for."""
        storm = self._get(request, pk)
        context = {"storm": storm, **_workers(request, storm)}
        return TemplateResponse(request, "admin/accounts/storm/workers.html", context)

    def row_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The storms that run one after another with this one."""
        storm = self._get(request, pk)
        return TemplateResponse(request, "admin/accounts/storm/row.html", self._row(request, storm))

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
            if not report_on(storm).get("is_final", True):
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

    def _row(self, request: HttpRequest, storm: Storm) -> dict[str, Any]:
        return {"storm": storm, **observe_row(storm), "can_launch": self.has_add_permission(request)}

    def _get(self, request: HttpRequest, pk: int | str) -> Storm:
        require(self.has_view_permission(request))
        return get_object_or_404(Storm.objects.select_related("bank"), pk=number_of(pk))

    def has_stop_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.stop_storm")

    def _now(self, request: HttpRequest, storm: Storm) -> dict[str, Any]:
        began = time.perf_counter()
        context = observe(storm)
        chart = context["chart"]
        return {
            **context,
            "every_s": _pace_s(began),
            **_links(),
            "shown_dots": chart.dots[-MAX_ROWS:] if context["is_live"] else chart.dots,
            **(observe_waits() if context["is_running"] else {"waiting": 0}),
            **observe_failures(storm, transfers=context["transfers_failed"], audits=context["audits"]["failed"]),
            "facts": report_text.facts(storm.report) if storm.report else [],
            **_verdict(storm),
            "kinds": [(kind, KINDS[kind]) for kind in KINDS if any(dot.point.kind == kind for dot in chart.dots)],
            "can_stop": self.has_stop_permission(request),
            "can_judge": self.has_add_permission(request),
        }


def _verdict(storm: Storm) -> dict[str, Any]:
    """The result, once the storm has ended, and the torn audit that is easiest to understand; before that, nothing."""
    if storm.state in LIVE or not storm.report:
        return {}
    return {
        "outcome": Outcome.of(storm.report).value,
        "verdict": in_words(storm.report),
        "easiest": easiest_torn(storm) if storm.report["audits"]["torn"] else None,
    }


def _workers(request: HttpRequest, storm: Storm) -> dict[str, Any]:
    began = time.perf_counter()
    context = observe_workers(storm, at=request.GET.get("at"), span=request.GET.get("span"))
    operations = context["operations"]
    return {
        **context,
        **_links(),
        "every_s": _pace_s(began),
        "shown_operations": operations[-MAX_ROWS:] if context["follows"] else operations,
    }


def _pace_s(began: float) -> int:
    """In how many seconds to ask again: 1, or more where the answer took over a tenth of that."""
    return max(1, math.ceil(PAUSE_TO_COST * (time.perf_counter() - began)))


def _links() -> dict[str, str]:
    """The beginnings of addresses. (To reverse a URL for each of 500 dots would take longer than to draw them.)"""
    return {
        "audits_url": reverse("admin:accounts_audit_changelist"),
        "transfers_url": reverse("admin:accounts_transfer_changelist"),
    }
