"""The admin: everything that happened, read-only, with links from each thing to the next; and storms to launch."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import F, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django_q.conf import Conf

from accounts import stories, storms, strategies
from accounts.errors import BankError
from accounts.models import Account, Audit, Bank, Storm, Transfer
from accounts.workers import running_worker_count

admin.site.site_header = admin.site.site_title = "Torn Totals"
admin.site.index_title = "A missed lock in our bank"


def link(model: type, pk: int | None, text: str) -> str | SafeString:
    """A link to the admin's page of a row; only the text where there is none."""
    if pk is None:
        return text
    return format_html(
        '<a href="{}">{}</a>', reverse(f"admin:accounts_{model._meta.model_name}_change", args=[pk]), text
    )


def list_link(model: type, text: str, **filters: int) -> SafeString:
    """A link to the admin's list of a model's rows, filtered."""
    query = "&".join(f"{name}={value}" for name, value in filters.items())
    return format_html(
        '<a href="{}?{}">{}</a>', reverse(f"admin:accounts_{model._meta.model_name}_changelist"), query, text
    )


class RecordAdmin(admin.ModelAdmin):
    """Rows that are evidence: they can be looked at, and not touched."""

    show_full_result_count = False  # counting 100,000 rows twice for each page would be felt
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Bank)
class BankAdmin(RecordAdmin):
    list_display = ["name", "total_now", "opening_total", "off_by", "its_accounts", "its_storm"]
    search_fields = ["name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Bank]:
        return super().get_queryset(request).select_related("storm").annotate(now=Sum("accounts__balance"))

    @admin.display(description="total now", ordering="now")
    def total_now(self, bank: Bank) -> str:
        return f"{bank.now or 0:,}"

    @admin.display(description="off by", ordering=F("now") - F("opening_total"))
    def off_by(self, bank: Bank) -> str:
        return _signed((bank.now or 0) - bank.opening_total)

    @admin.display(description="accounts")
    def its_accounts(self, bank: Bank) -> SafeString:
        return list_link(Account, "accounts", bank__id__exact=bank.pk)

    @admin.display(description="storm")
    def its_storm(self, bank: Bank) -> str:
        return link(Storm, bank.storm.pk, str(bank.storm)) if hasattr(bank, "storm") else "-"


@admin.register(Account)
class AccountAdmin(RecordAdmin):
    list_display = ["bank", "number", "balance", "opening_balance", "last_transfer_link"]
    list_display_links = ["number"]
    list_select_related = ["bank"]
    ordering = ["-bank_id", "number"]
    search_fields = ["bank__name", "=number"]

    @admin.display(description="last transfer", ordering="last_transfer")
    def last_transfer_link(self, account: Account) -> str:
        return link(Transfer, account.last_transfer, str(account.last_transfer or "opening"))


@admin.register(Transfer)
class TransferAdmin(RecordAdmin):
    list_display = ["id", "storm_link", "from_to", "amount", "status", "short_reason", "worker", "ended_at"]
    list_filter = ["status"]
    list_select_related = ["storm", "source", "target"]
    search_fields = ["=id", "=storm__id"]
    search_help_text = "The id of a transfer or of a storm."
    ordering = ["-pk"]

    @admin.display(description="storm", ordering="storm")
    def storm_link(self, transfer: Transfer) -> str:
        return link(Storm, transfer.storm_id, str(transfer.storm or "-"))

    @admin.display(description="from -> to")
    def from_to(self, transfer: Transfer) -> str:
        return f"{transfer.source.number} -> {transfer.target.number}"

    @admin.display(description="reason")
    def short_reason(self, transfer: Transfer) -> str:
        return transfer.reason[:80]


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
        return _signed(audit.error or 0)


class StormForm(forms.ModelForm):
    """What a person chooses; the number of workers is what is running."""

    class Media:
        css = {"all": ["accounts/admin.css"]}

    class Meta:
        model = Storm
        fields = [
            *("transfer_with", "audit_with", "transfer_count", "audit_count"),
            *("account_count", "thread_count", "max_amount", "seed"),
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field, function in (("transfer_with", "transfer"), ("audit_with", "audit")):
            self.fields[field] = forms.ChoiceField(
                label=self.fields[field].label.capitalize(),
                choices=[(name, f"{name}: {strategies.promise(name)}") for name in strategies.names(function)],
                initial="row_lock" if function == "transfer" else "no_lock",
                widget=forms.RadioSelect,
            )

    def clean(self) -> dict[str, Any]:
        choices = super().clean()
        if not self.errors:
            try:
                worker_count = running_worker_count()
                if not worker_count:
                    raise BankError("No worker is running: start some with `manage.py qcluster`, then try again.")
                self.instance.worker_count = worker_count
                storms.check_connections(storms.plan(**choices, worker_count=worker_count))
            except BankError as refusal:
                raise forms.ValidationError(str(refusal)) from refusal
        return choices


@admin.register(Storm)
class StormAdmin(RecordAdmin):
    list_display = ["id", "transfer_with", "audit_with", "state", "done", "torn", "drift", "speed", "created_at"]
    list_display_links = ["id", "transfer_with"]
    list_filter = ["state", "transfer_with", "audit_with"]
    list_select_related = ["bank"]
    add_form_template = "admin/accounts/storm/add_form.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return admin.ModelAdmin.has_add_permission(self, request)

    def get_form(self, request: HttpRequest, obj: Storm | None = None, **options: Any) -> type[forms.ModelForm]:
        return super().get_form(request, obj, **options | {"form": forms.ModelForm if obj else StormForm})

    def get_fields(self, request: HttpRequest, obj: Storm | None = None) -> list[str]:
        return (
            [*StormForm.Meta.fields, "worker_count", "state", "reason", "came_to", "see"]
            if obj
            else super().get_fields(request)
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Storm | None = None) -> list[str]:
        return ["came_to", "see"] if obj else []

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict | None = None) -> HttpResponse:
        workers = running_worker_count()
        return super().add_view(request, form_url, {**(extra_context or {}), "worker_count": workers})

    def save_model(self, request: HttpRequest, storm: Storm, form: forms.ModelForm, change: bool) -> None:
        storms.launch(storm, queue=Conf.CLUSTER_NAME)
        messages.info(request, f"{storm} was handed to {storm.worker_count} workers. Reload to see how far it is.")

    @admin.display(description="done / planned")
    def done(self, storm: Storm) -> str:
        return f"{storms.progress(storm).transfers:,} / {storm.transfer_count:,}"

    @admin.display(description="torn audits")
    def torn(self, storm: Storm) -> str:
        return f"{storm.report['audits']['torn']:,} / {storm.report['audits']['taken']:,}" if storm.report else "-"

    @admin.display(description="drift")
    def drift(self, storm: Storm) -> str:
        return _signed(storm.report["drift"]) if storm.report else "-"

    @admin.display(description="transfers/s")
    def speed(self, storm: Storm) -> str:
        return f"{storm.report['transfers_per_second']:,.0f}" if storm.report else "-"

    @admin.display(description="what it came to")
    def came_to(self, storm: Storm) -> SafeString:
        report = storms.report(storm)
        rows = [*stories.facts(report), ("an example", report["story"] or "No audit was torn.")]
        return format_html("<table>{}</table>", format_html_join("", "<tr><th>{}</th><td>{}</td></tr>", rows))

    @admin.display(description="see")
    def see(self, storm: Storm) -> SafeString:
        return format_html_join(
            " | ",
            "{}",
            [
                [list_link(Transfer, "its transfers", storm__id__exact=storm.pk)],
                [list_link(Audit, "its audits", storm__id__exact=storm.pk)],
                [list_link(Account, "its accounts", bank__id__exact=storm.bank_id)],
            ],
        )


def _signed(amount: int) -> str:
    return f"{amount:+,}" if amount else "0"
