"""Audits: what each read, whether it is torn, and why."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse

from accounts.admin import schedules
from accounts.admin.bases import ModelAdmin
from accounts.admin.guards import post_only, require
from accounts.admin.links import link, moment
from accounts.admin.records import RecordAdmin
from accounts.db.primary_key import read_primary_key
from accounts.errors import BankError
from accounts.evidence.amounts import signed
from accounts.models import Audit, SavedExploration, Storm
from accounts.reporting.audit_kind import AuditKind
from accounts.reporting.audit_page import audit_page
from accounts.reporting.audit_rows import KIND, kind_of_audit


class JudgementFilter(admin.SimpleListFilter):
    title = "judgement"
    parameter_name = "judgement"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        return [(kind.value, kind.label) for kind in AuditKind]

    def queryset(self, request: HttpRequest, audits: QuerySet[Audit]) -> QuerySet[Audit]:
        return audits.annotate(kind=KIND).filter(kind=self.value()) if self.value() else audits


@admin.register(Audit)
class AuditAdmin(RecordAdmin):
    list_display = ["key", "storm_link", "number", "total", "expected_total", "off_by", "judgement", "status", "worker"]
    list_filter = [JudgementFilter, "status"]
    list_select_related = ["storm"]
    search_fields = ["=id", "=storm__id"]
    search_help_text = "The id of an audit or of a storm."
    ordering = ["-pk"]
    change_form_template = "admin/accounts/audit/change_form.html"

    fields = [
        "storm_link",
        "number",
        "status",
        "reason",
        "total",
        "expected_total",
        "off_by",
        "judgement",
        "when",
        "worker",
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Audit | None = None) -> list[str]:
        return [str(name) for name in self.fields]

    def get_urls(self) -> list[URLPattern]:
        schedules_url = path(
            "<int:pk>/schedules/", self.admin_site.admin_view(self.schedules_view), name="accounts_audit_schedules"
        )
        return [schedules_url, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The audit as a cut through the history, above the stock page of its fields."""
        audit = self.get_object(request, object_id)
        more: dict[str, Any] = {}
        if audit is not None and self.has_view_permission(request, audit):
            more |= {"title": f"Audit {audit.pk}", "subtitle": None}
            more["nearby_audits"] = _nearby(audit)
            more["page"] = audit_page(audit, transfer=read_primary_key(request.GET.get("transfer", "")))
            more["can_explore"] = schedules.may_explore(self.admin_site, request)
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **more})

    @post_only("accounts_audit_change")
    def schedules_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Explore a half-seen transfer and an audit in a practice bank, and go to the result."""
        require(schedules.may_explore(self.admin_site, request) and self.has_view_permission(request))
        audit = get_object_or_404(Audit.objects.select_related("storm"), pk=pk)
        try:
            exploration = schedules.explore_half_seen(audit, read_primary_key(request.POST.get("transfer", "")))
        except BankError as refusal:
            messages.error(request, str(refusal))
            return redirect("admin:accounts_audit_change", pk)
        messages.info(request, f"{audit} in a practice bank: {exploration.transfers}, with the same strategies.")
        return redirect(f"admin:accounts_{SavedExploration._meta.model_name}_change", exploration.pk)

    @admin.display(description="storm", ordering="storm")
    def storm_link(self, audit: Audit) -> str:
        return link(Storm, audit.storm_id, str(audit.storm or "-"))

    @admin.display(ordering=KIND)
    def judgement(self, audit: Audit) -> str:
        """In words: the admin's green tick for "yes" would praise a torn audit."""
        return kind_of_audit(audit).label

    @admin.display(description="when")
    def when(self, audit: Audit) -> str:
        return moment(audit)

    @admin.display(description="off by", ordering=F("total") - F("expected_total"))
    def off_by(self, audit: Audit) -> str:
        return signed(audit.off_by or 0)


def _nearby(audit: Audit) -> list[tuple[str, str]]:
    """Links to the audit's storm, and to the torn audits before and after it in the storm's plan, if there are any."""
    if audit.storm is None:
        return []
    torn = audit.storm.audits.filter(torn=True)
    others = {
        "previous torn audit": torn.filter(number__lt=audit.number).order_by("-number").first(),
        "next torn audit": torn.filter(number__gt=audit.number).order_by("number").first(),
    }
    rows = {str(audit.storm): audit.storm, **others}
    return [
        (text, reverse(f"admin:accounts_{row._meta.model_name}_change", args=[row.pk]))
        for text, row in rows.items()
        if row is not None
    ]
