"""Rows that say what a student has done: each user sees those of the own name, and users who may grade see all."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from accounts.admin.guards import require
from accounts.admin.records import RecordAdmin


class StudentRecordAdmin(RecordAdmin):
    """Rows with a field `student`, the user's name. They are made by what users do on pages of ours."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Users see their own records; users who may grade see all."""
        records_of_all = super().get_queryset(request)
        return records_of_all if may_grade(request) else records_of_all.filter(student=request.user.get_username())

    def history_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """Refused to users who may see no record at all, before their own records are searched for this one."""
        require(self.has_view_permission(request))
        return super().history_view(request, object_id, *args, **kwargs)

    def has_do_permission(self, request: HttpRequest) -> bool:
        """To do something here means to add records of one's own."""
        name = f"{self.opts.app_label}.add_{self.opts.model_name}"
        return self.has_view_permission(request) and request.user.has_perm(name)


def may_grade(request: HttpRequest) -> bool:
    """Whether the user may see what each student has done."""
    return request.user.has_perm("accounts.grade_labrecord")
