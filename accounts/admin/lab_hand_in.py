"""Handing in a file on a lab's page, where the teacher allows it (LAB_HAND_IN), and what becomes of the file.

Nothing is run here: the file goes into a line, and `manage.py lab queue` checks it.
"""

from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django_htmx.http import HttpResponseClientRefresh

from accounts.admin.guards import post_only, require
from accounts.admin.lab_records import lab_or_404
from accounts.admin.student_records import StudentRecordAdmin
from accounts.errors import BankError
from accounts.labs import hand_in_queue, records
from accounts.labs.catalogue import Lab
from accounts.labs.handed_in import check_size, check_text, decode
from accounts.models import LabRecord

EVERY_S = 3
HandIn = LabRecord.HandIn


@dataclass(frozen=True)
class Refusal:
    """What was sent and is not taken."""

    reason: str
    is_file: bool  #: else it is the text of the box
    text: str  #: of the box


@dataclass(frozen=True)
class HandInPart:
    """The part of a lab's page about handing in."""

    record: LabRecord
    in_line: LabRecord | None  #: the student's file that waits or is being checked, of this lab or of another one
    is_lost: bool  #: whether the check of this lab's file was ended in the middle
    before_count: int  #: files that come before the one that waits
    is_checker_at_work: bool
    form: "HandInForm | None"
    every_s: float  #: how often the browser asks

    @property
    def is_in_line(self) -> bool:
        """Whether this lab's file waits or is being checked."""
        return self.in_line == self.record

    @property
    def reason(self) -> str:
        """Why there is no result; empty if there is one, or one is waited for."""
        return hand_in_queue.LOST if self.is_lost else self.record.hand_in_reason

    @property
    def can_be_tried_again(self) -> bool:
        """Whether the last file was neither refuted nor proved, and the user may have it checked once more."""
        verdict = self.record.verdict
        is_undecided = self.record.hand_in_state == HandIn.CHECKED and verdict is not None and verdict["score"] is None
        return self.form is not None and (bool(self.reason) or is_undecided)


@dataclass(frozen=True)
class HandInForm:
    """A file to be chosen, or the text in the box. Its student's last file is there, or else the exercise."""

    text: str
    refusal: Refusal | None

    @property
    def line_count(self) -> int:
        return min(max(self.text.count("\n") + 2, 10), 40)


class HandInPages(StudentRecordAdmin):
    """For the admin of labs, which shows a lab's page: the address to which a file is sent."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.hand_in_view)
        return [path("<int:number>/hand-in/", view, name="labs_hand_in"), *super().get_urls()]

    def hand_in_view(self, request: HttpRequest, number: int) -> HttpResponse:
        """Without the setting, there is no such page."""
        if not settings.LAB_HAND_IN:
            raise Http404
        return self._hand_in(request, number)

    @post_only("labs_lab")
    def _hand_in(self, request: HttpRequest, number: int) -> HttpResponse:
        """Put the file into the line, or the last one once more ("again"). One that is not taken is shown, and why."""
        require(self.has_hand_in_permission(request))
        lab, student = lab_or_404(number), request.user.get_username()
        try:
            text = _kept(student, lab) if "again" in request.POST else _sent(request)
        except BankError as refusal:
            refused = Refusal(str(refusal), "file" in request.FILES, request.POST.get("text", ""))
            return self._show(request, lab, student, refused=refused)
        try:
            hand_in_queue.hand_in(student, lab, text)
        except BankError as refusal:
            messages.warning(request, str(refusal))
        return redirect(f"{reverse('admin:labs_lab', args=[number])}#hand-in")

    def _show(self, request: HttpRequest, lab: Lab, student: str, *, refused: Refusal | None) -> HttpResponse:
        """The lab's page."""
        raise NotImplementedError

    def has_hand_in_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request) and request.user.has_perm("accounts.hand_in_labrecord")

    def hand_in_part(
        self, request: HttpRequest, lab: Lab, record: LabRecord, refused: Refusal | None = None
    ) -> HandInPart | None:
        """None where the teacher does not allow it. It has a form where the user may hand in now."""
        if not settings.LAB_HAND_IN:
            return None
        in_line = hand_in_queue.in_line(record.student)
        is_at_work = in_line is not None and hand_in_queue.is_checker_at_work()
        is_lost = in_line is not None and in_line.hand_in_state == HandIn.CHECKING and not is_at_work
        is_mine = record.student == request.user.get_username()
        can_hand_in = is_mine and self.has_hand_in_permission(request) and records.may_see_answers(record)
        is_free = in_line is None or is_lost
        return HandInPart(
            record=record,
            in_line=None if is_lost else in_line,
            is_lost=is_lost and in_line == record,
            before_count=0 if in_line is None else hand_in_queue.count_before(in_line),
            is_checker_at_work=is_at_work,
            form=_form(lab, record, refused) if can_hand_in and is_free else None,
            every_s=EVERY_S,
        )

    def reload_hand_in(self, request: HttpRequest, lab: Lab, record: LabRecord) -> HttpResponse:
        """To htmx: this part, as long as the file is in the line; then the whole page is to be loaded again."""
        part = self.hand_in_part(request, lab, record)
        if part is None or not part.is_in_line:
            return HttpResponseClientRefresh()
        return TemplateResponse(request, "admin/accounts/labrecord/in_line.html", {"hand_in": part, "lab": lab})


def _sent(request: HttpRequest) -> str:
    """The text that was handed in. Raises BankError for what is not taken."""
    file = request.FILES.get("file")
    if file is None:
        return check_text(request.POST.get("text", ""))
    name = file.name or "A file without a name"
    if not name.lower().endswith(".py"):
        raise BankError(f"{name} is no Python file: choose one whose name ends in .py.")
    check_size(file.size or 0)
    return decode(file.read())


def _kept(student: str, lab: Lab) -> str:
    """The file that the student handed in last. Raises BankError if there is none."""
    record = LabRecord.objects.filter(student=student, lab=lab.number).first()
    return check_text(record.handed_in if record else "")


def _form(lab: Lab, record: LabRecord, refused: Refusal | None) -> HandInForm:
    if refused is not None:
        return HandInForm(refused.text, refused)
    return HandInForm(record.handed_in or lab.exercise.read_text(encoding="utf-8"), None)
