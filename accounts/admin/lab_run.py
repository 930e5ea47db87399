"""The button "See what happens" of a lab's page, and what becomes of a press.

What runs is the lab's own exercise, and never a student's file (see exercise_runs.py).
"""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django_htmx.http import HttpResponseClientRefresh

from accounts.admin.guards import post_only, require
from accounts.admin.lab_records import lab_or_404
from accounts.admin.student_records import StudentRecordAdmin
from accounts.errors import BankError
from accounts.labs import exercise_runs, records
from accounts.labs.catalogue import Lab
from accounts.models import LabRecord

EVERY_S = 1
PART = "run-line"  # the id of the part that is reloaded


@dataclass(frozen=True)
class RunPart:
    """The part of a lab's page about running the exercise."""

    is_in_line: bool
    before_count: int  #: runs that come before this one
    reason: str  #: why a run that was asked for has shown nothing; empty if there is no such run
    can_ask: bool  #: whether the user may press the button now
    every_s: float = EVERY_S  #: how often the browser asks


class RunPages(StudentRecordAdmin):
    """For the admin of labs, which shows a lab's page: the address of the button."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.run_view)
        return [path("<int:number>/run/", view, name="labs_run"), *super().get_urls()]

    @post_only("labs_lab")
    def run_view(self, request: HttpRequest, number: int) -> HttpResponse:
        """Put the exercise into the line, in the user's own numbers."""
        require(self.has_do_permission(request))
        try:
            exercise_runs.request_run(request.user.get_username(), lab_or_404(number))
        except BankError as refusal:
            messages.warning(request, str(refusal))
        return redirect(f"{reverse('admin:labs_lab', args=[number])}#predict")

    def run_part(self, request: HttpRequest, record: LabRecord) -> RunPart:
        is_in_line = exercise_runs.is_in_line(record)
        is_mine = record.student == request.user.get_username()
        may_ask = is_mine and self.has_do_permission(request) and records.may_see_answers(record)
        return RunPart(
            is_in_line=is_in_line,
            before_count=exercise_runs.count_before(record) if is_in_line else 0,
            reason="" if is_in_line else _reason(record),
            can_ask=may_ask and not is_in_line and not record.truth,
        )

    def reload_run(self, request: HttpRequest, lab: Lab, record: LabRecord) -> HttpResponse:
        """To htmx: this part, as long as the exercise is in the line; then the whole page is to be loaded again."""
        part = self.run_part(request, record)
        if not part.is_in_line:
            return HttpResponseClientRefresh()
        return TemplateResponse(request, "admin/accounts/labrecord/run_line.html", {"run": part, "lab": lab})


def _reason(record: LabRecord) -> str:
    if exercise_runs.is_asked(record):
        return "The program that ran the exercise was ended in the middle."
    if exercise_runs.has_failed(record):
        return "The exercise could not be run (the log of the server says why). Try again, or tell your teacher."
    return ""
