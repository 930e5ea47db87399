"""Labs: the questions, the predictions, the results of checks; and the class's board.

No file of a student is run here: students check their files from the command line, which records the result, and with
it the lines that were checked; or they hand in a file (lab_hand_in.py), which another program checks. The only files
that are read and run for a page are the labs' own exercises (lab_run.py).
The student of these pages is the user who is logged in: the user's name is the `--student NAME` of the command.
"""

import shlex
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from accounts.admin.guards import post_only, require
from accounts.admin.lab_board import observe_class
from accounts.admin.lab_hand_in import HandInPages, Refusal
from accounts.admin.lab_records import describe, lab_or_404
from accounts.admin.lab_run import PART as RUN_PART
from accounts.admin.lab_run import RunPages
from accounts.admin.student_records import may_grade
from accounts.db.primary_key import read_primary_key
from accounts.errors import BankError
from accounts.labs import board, records
from accounts.labs.catalogue import Lab, all_labs
from accounts.models import LabRecord
from bankproject.htmx import wants_part

MAX_ANSWER_LENGTH = 100
EXERCISE = "exercise"  # ?of=exercise: its schedule is gone through, and not the one that refutes the file


@admin.register(LabRecord)
class LabAdmin(HandInPages, RunPages):
    """The list of records is shown as the list of labs, and a record as its lab's page."""

    def get_urls(self) -> list[URLPattern]:
        pages: dict[str, tuple[str, Callable[..., HttpResponse]]] = {
            "labs": ("", self.changelist_view),
            "labs_board": ("board/", self.board_view),
            "labs_lab": ("<int:number>/", self.lab_view),
            "labs_predict": ("<int:number>/predict/", self.predict_view),
            "labs_hint": ("<int:number>/hint/", self.hint_view),
        }
        ours = [path(route, self.admin_site.admin_view(view), name=name) for name, (route, view) in pages.items()]
        return [*ours, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """All labs, with the user's own progress."""
        require(self.has_view_permission(request))
        kept = LabRecord.objects.filter(student=request.user.get_username()).values(*board.KEPT)
        by_number = {record["lab"]: record for record in kept}
        labs = [board.progress(lab, by_number.get(lab.number)) for lab in all_labs()]
        context = {"labs": labs, "option": student_option(request), "can_grade": may_grade(request)}
        context["can_hand_in"] = settings.LAB_HAND_IN and self.has_hand_in_permission(request)
        return self._page(request, "list.html", "Labs", context)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """A record is shown as its lab's page."""
        require(self.has_view_permission(request))
        record = self.get_object(request, object_id)
        if record is None:
            raise Http404
        return redirect(f"{reverse('admin:labs_lab', args=[record.lab])}?{urlencode({'student': record.student})}")

    def lab_view(self, request: HttpRequest, number: int) -> HttpResponse:
        """One lab. To users who may grade, ?student=NAME shows what is recorded of a student."""
        require(self.has_view_permission(request))
        asked = request.GET.get("student", "").replace("\0", "")[:150]  # PostgreSQL knows no text with a NUL in it
        student = (asked if may_grade(request) else "") or request.user.get_username()
        lab = lab_or_404(number)
        if wants_part(request):
            is_about_run = request.headers.get("HX-Target") == RUN_PART
            reload = self.reload_run if is_about_run else self.reload_hand_in
            return reload(request, lab, _record(student, lab))
        return self._show(request, lab, student)

    @post_only("labs_lab")
    def predict_view(self, request: HttpRequest, number: int) -> HttpResponse:
        """Keep the user's prediction. Answers that are refused are shown again, each with its reason."""
        require(self.has_do_permission(request))
        lab, given = lab_or_404(number), _answers(request)
        try:
            records.predict(records.record_of(request.user.get_username(), lab), lab, given)
        except BankError as refusal:
            return self._show(request, lab, request.user.get_username(), given=given, refusal=refusal)
        messages.info(request, "Your prediction is kept. Now see what happens.")
        return redirect("admin:labs_lab", number)

    @post_only("labs_lab")
    def hint_view(self, request: HttpRequest, number: int) -> HttpResponse:
        """One hint more, after the prediction."""
        require(self.has_do_permission(request))
        try:
            records.unfold_hint(records.record_of(request.user.get_username(), lab_or_404(number)))
        except BankError as refusal:
            messages.warning(request, str(refusal))
        return redirect(f"{reverse('admin:labs_lab', args=[number])}#hints")

    def board_view(self, request: HttpRequest) -> HttpResponse:
        """Predictions and results of the whole class; to htmx, only what changes."""
        require(self.has_view_permission(request) and may_grade(request))
        chosen = lab_or_404(request.GET["lab"]) if "lab" in request.GET else None
        context = observe_class(
            chosen,
            with_names=request.GET.get("names") == "yes",
            with_answers=request.GET.get("answers") == "yes",
            page=request.GET.get("p"),
        )
        if wants_part(request):
            return TemplateResponse(request, "admin/accounts/labrecord/board_now.html", context)
        return self._page(request, "board.html", "Predictions and results", context)

    def _show(
        self,
        request: HttpRequest,
        lab: Lab,
        student: str,
        *,
        given: dict[str, str] | None = None,
        refusal: BankError | None = None,
        refused: Refusal | None = None,
    ) -> HttpResponse:
        record = _record(student, lab)
        is_mine = student == request.user.get_username()
        reasons = getattr(refusal, "reasons", {})
        step = read_primary_key(request.GET.get("step", "")) or 1
        whose = {} if is_mine else {"student": student}
        context = {
            **describe(
                lab,
                record,
                is_mine=is_mine,
                given=given or {},
                reasons=reasons,
                step=step,
                of_exercise=request.GET.get("of") == EXERCISE,
            ),
            "hand_in": self.hand_in_part(request, lab, record, refused),
            "run": self.run_part(request, record),
            "steps_url": f"?{urlencode(whose)}",
            "exercise_steps_url": f"?{urlencode(whose | {'of': EXERCISE})}",
            "is_mine": is_mine,
            "can_do": is_mine and self.has_do_permission(request),
            "can_grade": may_grade(request),
            "option": student_option(request),
            "refusal": refusal,
        }
        return self._page(request, "lab.html", f"Lab {lab.number}: {lab.title}", context)

    def _page(self, request: HttpRequest, template: str, title: str, context: dict[str, Any]) -> HttpResponse:
        whole = {**self.admin_site.each_context(request), "opts": self.opts, "title": title, **context}
        return TemplateResponse(request, f"admin/accounts/labrecord/{template}", whole)


def student_option(request: HttpRequest) -> str:
    """The option with which a command records under the name of the user who is logged in."""
    return f"--student {shlex.quote(request.user.get_username())}"


def _record(student: str, lab: Lab) -> LabRecord:
    """The student's record; an empty one if there is none, for a look at a page writes nothing."""
    record = LabRecord.objects.filter(student=student, lab=lab.number).first()
    return record or LabRecord(student=student, lab=lab.number)


def _answers(request: HttpRequest) -> dict[str, str]:
    """All that was sent, so that an answer that the lab does not ask for, such as a file, is refused by its name."""
    fields = request.POST.items()
    sent = {name: str(value)[:MAX_ANSWER_LENGTH] for name, value in fields if name != "csrfmiddlewaretoken"}
    return sent | {name: "a file" for name in request.FILES}
