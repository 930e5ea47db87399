"""Storms: launched here by those who may, and looked at."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django_q.conf import Conf

from accounts import stories, storms, strategies
from accounts.admin.links import list_link, signed
from accounts.admin.records import RecordAdmin
from accounts.errors import BankError
from accounts.models import Account, Audit, Storm, Transfer
from accounts.workers import running_worker_count


def strategy_field(function: str) -> forms.ChoiceField:
    """Our own strategies that have the function ("transfer" or "audit"), each with its promise; never a file's path."""
    return forms.ChoiceField(
        label=f"{function.capitalize()} with",
        choices=[(name, f"{name}: {strategies.promise(name)}") for name in strategies.names(function)],
        initial="row_lock" if function == "transfer" else "no_lock",
        widget=forms.RadioSelect,
    )


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
        self.fields |= {"transfer_with": strategy_field("transfer"), "audit_with": strategy_field("audit")}

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
        if storm.report:
            transfers = storm.report["transfers"]
            return f"{transfers['planned'] - transfers['pending']:,} / {transfers['planned']:,}"
        return f"{storms.progress(storm).transfers:,} / {storm.transfer_count:,}"

    @admin.display(description="torn audits")
    def torn(self, storm: Storm) -> str:
        return f"{storm.report['audits']['torn']:,} / {storm.report['audits']['taken']:,}" if storm.report else "-"

    @admin.display(description="drift")
    def drift(self, storm: Storm) -> str:
        return signed(storm.report["drift"]) if storm.report else "-"

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
