"""Audits: what each read, whether it is torn, and why."""

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.admin.links import link, signed
from accounts.admin.records import RecordAdmin
from accounts.models import Audit, Storm, Transfer

MOST_READINGS = 200


class JudgementFilter(admin.SimpleListFilter):
    title = "judgement"
    parameter_name = "judgement"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("torn", "torn"), ("luck", "torn, total right by luck"), ("wrong", "total wrong"), ("right", "right")]

    def queryset(self, request: HttpRequest, audits: QuerySet[Audit]) -> QuerySet[Audit]:
        right_total = audits.filter(total=F("expected_total"))
        return {
            "torn": audits.filter(torn=True),
            "luck": right_total.filter(torn=True),
            "wrong": audits.exclude(total=F("expected_total")),
            "right": right_total.exclude(torn=True),
        }.get(self.value(), audits)


@admin.register(Audit)
class AuditAdmin(RecordAdmin):
    list_display = ["id", "storm_link", "number", "total", "expected_total", "off_by", "torn", "status", "worker"]
    list_filter = [JudgementFilter, "status"]
    list_select_related = ["storm"]
    search_fields = ["=id", "=storm__id"]
    search_help_text = "The id of an audit or of a storm."
    ordering = ["-pk"]

    fields = [
        *("storm_link", "number", "status", "reason", "total", "expected_total", "off_by", "torn", "why", "half_seen"),
        *("its_readings", "worker", "started_at", "ended_at"),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Audit | None = None) -> list[str]:
        return self.fields

    @admin.display(description="why")
    def why(self, audit: Audit) -> str:
        if audit.explanation:
            return f"{audit.explanation['story']} ({', '.join(audit.explanation['anomalies']) or 'unknown'})"
        return "Every transfer was seen whole." if audit.torn is False else "-"

    @admin.display(description="half-seen transfers")
    def half_seen(self, audit: Audit) -> str | SafeString:
        seen = (audit.explanation or {}).get("half_seen", [])
        rows = (
            (link(Transfer, one["transfer"], f"transfer {one['transfer']}"), one["seen_on"], f"{one['amount']:+,}")
            for one in seen
        )
        return format_html_join("", "{}: seen on account {} only, {}<br>", rows) or "-"

    @admin.display(description="readings")
    def its_readings(self, audit: Audit) -> str | SafeString:
        if audit.readings is None:
            return "It kept none."
        numbers = dict(audit.bank.accounts.values_list("pk", "number"))
        rows = (
            (numbers.get(account), f"{balance:,}", link(Transfer, token, str(token or "opening")))
            for account, balance, token in audit.readings[:MOST_READINGS]
        )
        return format_html(
            "<table><tr><th>account</th><th>balance</th><th>written by transfer</th></tr>{}</table>",
            format_html_join("", "<tr><td>{}</td><td>{}</td><td>{}</td></tr>", rows),
        )

    @admin.display(description="storm", ordering="storm")
    def storm_link(self, audit: Audit) -> str:
        return link(Storm, audit.storm_id, str(audit.storm or "-"))

    @admin.display(description="off by", ordering=F("total") - F("expected_total"))
    def off_by(self, audit: Audit) -> str:
        return signed(audit.error or 0)
