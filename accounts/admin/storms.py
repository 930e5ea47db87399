"""Storms: launched here by those who may, and looked at."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django_q.conf import Conf

from accounts import stories, storms, strategies
from accounts.admin.comparisons import ComparisonPages
from accounts.admin.links import signed
from accounts.admin.records import RecordAdmin
from accounts.errors import BankError
from accounts.models import Storm
from accounts.observatory import observe
from accounts.workers import running_worker_count


def strategy_field(function: str) -> forms.ChoiceField:
    """Our own strategies that have the function ("transfer" or "audit"), each with its promise; never a file's path."""
    return forms.ChoiceField(
        label=f"{function.capitalize()} with",
        choices=[(name, f"{name}: {strategies.promise(name)}") for name in strategies.names(function)],
        initial="row_lock" if function == "transfer" else "no_lock",
        widget=forms.RadioSelect,
    )


class StrategyForm(forms.ModelForm):
    """A form of a model with the fields transfer_with and audit_with."""

    class Media:
        css = {"all": ["accounts/admin.css"]}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields |= {"transfer_with": strategy_field("transfer"), "audit_with": strategy_field("audit")}


class StormForm(StrategyForm):
    """What a person chooses; the number of workers is what is running."""

    class Meta:
        model = Storm
        fields = [
            *("transfer_with", "audit_with", "transfer_count", "audit_count"),
            *("account_count", "thread_count", "max_amount", "seed"),
        ]

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
class StormAdmin(ComparisonPages, RecordAdmin):
    list_display = ["id", "transfer_with", "audit_with", "state", "done", "torn", "drift", "speed", "created_at"]
    list_display_links = ["id", "transfer_with"]
    list_filter = ["state", "transfer_with", "audit_with"]
    list_select_related = ["bank"]
    form = StormForm
    add_form_template = "admin/accounts/storm/add_form.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return admin.ModelAdmin.has_add_permission(self, request)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict | None = None) -> HttpResponse:
        workers = running_worker_count()
        return super().add_view(request, form_url, {**(extra_context or {}), "worker_count": workers})

    def get_urls(self) -> list[URLPattern]:
        stop = path("<int:pk>/stop/", self.admin_site.admin_view(self.stop_view), name="accounts_storm_stop")
        return [stop, *super().get_urls()]

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """The live page; to htmx, only what changes."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        storm = get_object_or_404(Storm.objects.select_related("bank"), pk=object_id)
        context = {
            **observe(storm),
            "facts": stories.facts(storm.report) if storm.report else [],
            "can_stop": self.has_add_permission(request),
        }
        if request.htmx:
            return TemplateResponse(request, "admin/accounts/storm/now.html", context)
        context |= {**self.admin_site.each_context(request), "opts": self.opts, "title": str(storm)}
        return TemplateResponse(request, "admin/accounts/storm/live.html", context)

    def stop_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Stop a running storm; what was applied stays applied."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_add_permission(request):
            raise PermissionDenied
        storm = get_object_or_404(Storm, pk=pk)
        if storms.end(storm, Storm.State.STOPPED, f"Stopped by {request.user}."):
            messages.info(request, "Stopped. What was applied stays applied, what is pending stays pending.")
        else:
            messages.warning(request, f"It was not running any more: it is {storm.state}.")
        return redirect("admin:accounts_storm_change", pk)

    def response_add(self, request: HttpRequest, storm: Storm, post_url_continue: str | None = None) -> HttpResponse:
        return redirect("admin:accounts_storm_change", storm.pk)

    def save_model(self, request: HttpRequest, storm: Storm, form: forms.ModelForm, change: bool) -> None:
        storms.launch(storm, queue=Conf.CLUSTER_NAME)
        messages.info(request, f"{storm} was handed to {storm.worker_count} workers.")

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
