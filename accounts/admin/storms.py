"""Storms: a list, and a form that launches one, or the seven of the lecture."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django_q.conf import Conf

from accounts import strategies
from accounts.admin.bases import ModelForm
from accounts.admin.comparisons import ComparisonPages
from accounts.admin.guards import post_only, require
from accounts.admin.live import LivePages
from accounts.admin.records import KeptAdmin
from accounts.admin.votes import VotePages
from accounts.admin.words import read_glossary
from accounts.cluster.subprocesses import running_worker_count
from accounts.errors import BankError
from accounts.evidence.narrative import count
from accounts.models import Storm
from accounts.reporting.process_boxes import process_boxes
from accounts.reporting.storm_line import storm_line
from accounts.storms import lecture
from accounts.storms.background_launch import launch_in_a_row, launch_in_background
from accounts.storms.launch import check_connections, plan_storm
from accounts.storms.progress import progress_of
from accounts.storms.queue import check_one_job


def strategy_field(function: str) -> forms.ChoiceField:
    """A choice among our own strategies with this function ("transfer" or "audit"), each with its promise; no paths."""
    return forms.ChoiceField(
        label=f"{function.capitalize()} with",
        choices=[
            (name, format_html("<strong>{}</strong> {}", name, strategies.promise(name)))
            for name in strategies.from_weak_to_strong(strategies.names(function))
        ],
        initial="row_lock" if function == "transfer" else "no_lock",
        widget=forms.RadioSelect(attrs={"class": "radiolist"}),  # the class for which the admin has styles
    )


def introduced_scenes(running_workers: int) -> list[dict[str, Any]]:
    """The scenes of the lecture as the launch form introduces them: each with a picture of where its locks are."""
    return [
        {
            "scene": scene,
            "boxes": process_boxes(
                scene.transfer_with,
                scene.audit_with,
                1 if scene.worker_count == 1 else max(running_workers, 1),
                scene.thread_count,
            ),
        }
        for scene in lecture.SCENES
    ]


class StrategyForm(ModelForm):
    """A form of a model with the fields transfer_with and audit_with."""

    class Media:
        css = {"all": ["accounts/admin.css"]}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields |= {"transfer_with": strategy_field("transfer"), "audit_with": strategy_field("audit")}


class StormForm(StrategyForm):
    """What a person chooses. The number of workers is that of those that are running, or one of them."""

    processes = forms.ChoiceField(
        choices=[("all", "all workers that are running"), ("one", "one of them")],
        initial="all",
        required=False,
        help_text="A Python lock holds between the threads of one process only.",
    )

    class Meta:
        model = Storm
        fields = [
            "transfer_with",
            "audit_with",
            "transfer_count",
            "audit_count",
            "account_count",
            "thread_count",
            "max_amount",
            "seed",
        ]

    def clean(self) -> dict[str, Any]:
        super().clean()
        choices: dict[str, Any] = self.cleaned_data
        if not self.errors:
            try:
                worker_count = running_worker_count()
                if not worker_count:
                    raise BankError("No worker is running: start some with `manage.py qcluster`, then try again.")
                self.instance.worker_count = 1 if choices["processes"] == "one" else worker_count
                plan = {name: value for name, value in choices.items() if name != "processes"}
                check_connections(plan_storm(**plan, worker_count=self.instance.worker_count))
                if choices["processes"] == "one":
                    check_one_job(choices["transfer_count"], choices["audit_count"])
            except BankError as refusal:
                raise forms.ValidationError(str(refusal)) from refusal
        return choices


@admin.register(Storm)
class StormAdmin(ComparisonPages, LivePages, VotePages, KeptAdmin):
    list_display = [
        "key",
        "transfer_with",
        "audit_with",
        "state",
        "verdict",
        "torn",
        "drift",
        "done",
        "speed",
        "created_at",
    ]
    list_display_links = ["key", "transfer_with"]
    list_filter = ["state", "transfer_with", "audit_with"]
    list_select_related = ["bank"]
    form = StormForm
    fields = [
        ("transfer_with", "audit_with"),
        ("transfer_count", "audit_count", "account_count"),
        ("processes", "thread_count", "max_amount", "seed"),
    ]
    add_form_template = "admin/accounts/storm/add_form.html"

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        workers = running_worker_count()
        context = {"title": "Launch a storm", "worker_count": workers, "scenes": introduced_scenes(workers)}
        return super().add_view(request, form_url, {**(extra_context or {}), **context})

    def get_urls(self) -> list[URLPattern]:
        pages = {"lecture": self.lecture_view, "words": self.words_view}
        urls = [
            path(f"{name}/", self.admin_site.admin_view(view), name=f"accounts_storm_{name}")
            for name, view in pages.items()
        ]
        return [*urls, *super().get_urls()]

    def words_view(self, request: HttpRequest) -> HttpResponse:
        """What the words of the pages mean."""
        require(self.has_view_permission(request))
        context = {**self.admin_site.each_context(request), "title": "Words", "sections": read_glossary()}
        return TemplateResponse(request, "admin/accounts/words.html", context)

    @post_only("accounts_storm_add")
    def lecture_view(self, request: HttpRequest) -> HttpResponse:
        """Launch the lecture's storms, one after another, and go to the first."""
        require(self.has_add_permission(request))
        try:
            storms = lecture.plan(running_workers=running_worker_count())
            for storm in storms:
                check_connections(storm)
        except BankError as refusal:
            messages.error(request, str(refusal))
            return redirect("admin:accounts_storm_add")
        by_hand = "by_hand" in request.POST
        launch_in_a_row(storms, queue=Conf.CLUSTER_NAME, by_hand=by_hand)
        pace = "each starts when you press the button" if by_hand else "they run one after another"
        messages.info(request, f"The lecture has {len(storms)} storms: {pace}.")
        return redirect("admin:accounts_storm_change", storms[0].pk)

    def response_add(self, request: HttpRequest, storm: Storm, post_url_continue: str | None = None) -> HttpResponse:
        return redirect("admin:accounts_storm_change", storm.pk)

    def save_model(self, request: HttpRequest, storm: Storm, form: ModelForm, change: bool) -> None:
        launch_in_background(storm, queue=Conf.CLUSTER_NAME)
        workers = count(storm.worker_count, "worker")
        messages.info(request, f"{storm} is for {workers}: it begins when its plan is written.")

    @admin.display(description="done / planned")
    def done(self, storm: Storm) -> str:
        return f"{progress_of(storm).transfers_ended:,} / {storm.transfer_count:,}"

    @admin.display(description="verdict")
    def verdict(self, storm: Storm) -> str:
        return storm_line(storm).verdict

    @admin.display(description="torn audits")
    def torn(self, storm: Storm) -> str:
        return storm_line(storm).torn

    @admin.display(description="drift")
    def drift(self, storm: Storm) -> str:
        return storm_line(storm).drift

    @admin.display(description="transfers/s")
    def speed(self, storm: Storm) -> str:
        return f"{storm.report.transfers_per_second:,.0f}" if storm.report else "-"
