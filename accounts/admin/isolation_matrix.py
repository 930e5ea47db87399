"""The isolation matrix as a page: a cell for each anomaly under each protection; behind it, its schedule and code."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from accounts.admin import matrix_run
from accounts.admin.guards import require
from accounts.admin.records import KeptAdmin
from accounts.admin.schedules import may_explore
from accounts.db.primary_key import read_primary_key
from accounts.errors import BankError
from accounts.explorer.anomalies import anomalies, key_of, protections
from accounts.explorer.anomalies.isolation_matrix import ROWS, Cell, Row, find
from accounts.explorer.report import StepReport
from accounts.models import IsolationMatrix
from accounts.reporting.schedule_code import Source, begin_at, code_at, source_of
from accounts.reporting.schedule_table import schedule_rows
from bankproject.htmx import wants_part

CELL_COUNT = len(ROWS) * len(anomalies())


@admin.register(IsolationMatrix)
class IsolationMatrixAdmin(KeptAdmin):
    """The list of matrices is shown as the newest one."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        pages = [
            path("", view(self.changelist_view), name="isolation_matrix"),
            path("cell/<slug:row>/<slug:anomaly>/", view(self.cell_view), name="isolation_cell"),
        ]
        return [*pages, *super().get_urls()]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # a press of the button makes one

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The newest matrix. A POST runs it anew, for those who may explore."""
        require(self.has_view_permission(request))
        can_run = may_explore(self.admin_site, request)
        if request.method == "POST":
            require(can_run)
            matrix_run.launch()
            return redirect("admin:isolation_matrix")
        matrix = IsolationMatrix.objects.first()
        context: dict[str, Any] = {
            "matrix": matrix,
            "can_run": can_run,
            "anomalies": anomalies(),
            "cell_count": CELL_COUNT,
        }
        if matrix is not None:
            context["rows"] = _table(matrix)
        template = "table.html" if wants_part(request) else "matrix.html"
        return self._page(request, template, "Isolation matrix", context)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """Only the newest one is shown."""
        require(self.has_view_permission(request))
        return redirect("admin:isolation_matrix")

    def cell_view(self, request: HttpRequest, row: str, anomaly: str) -> HttpResponse:
        """One cell of the newest matrix: its schedule, one of its steps, and the code."""
        require(self.has_view_permission(request))
        try:
            cell_row, module = find(f"{row}/{anomaly}")
        except BankError as refusal:
            raise Http404(str(refusal)) from refusal
        matrix = IsolationMatrix.objects.first()
        cell = _cells(matrix).get((row, anomaly)) if matrix else None
        if cell is None:
            raise Http404
        context = _describe(cell_row, module, cell, step=read_primary_key(request.GET.get("step", "")) or 1)
        return self._page(request, "cell.html", f"{module.TITLE}: {cell_row.title}", context)

    def _page(self, request: HttpRequest, template: str, title: str, context: dict[str, Any]) -> HttpResponse:
        page = {**self.admin_site.each_context(request), "opts": self.opts, "title": title, **context}
        return TemplateResponse(request, f"admin/accounts/isolationmatrix/{template}", page)


def _cells(matrix: IsolationMatrix) -> dict[tuple[str, str], Cell]:
    return {(cell["row"], cell["anomaly"]): Cell.from_values(cell) for cell in matrix.cells}


def _table(matrix: IsolationMatrix) -> list[tuple[Row, list[Cell | None]]]:
    cells = _cells(matrix)
    return [(row, [cells.get((row.key, key_of(anomaly))) for anomaly in anomalies()]) for row in ROWS]


def _describe(row: Row, anomaly: ModuleType, cell: Cell, *, step: int) -> dict[str, Any]:
    """The cell's page, at one of its steps."""
    sessions = list(anomaly.SESSIONS)
    return {
        "row": row,
        "anomaly": anomaly,
        "lesson": (anomaly.__doc__ or "").splitlines()[0],
        "cell": cell,
        "code": code_at(cell.steps, step, partial(_sources, row, anomaly)),
        "headings": sessions,
        "rows": schedule_rows(sessions, cell.steps),
        "steps_url": "?",
        "locks_are_apart": row.is_separate,
    }


def _sources(row: Row, anomaly: ModuleType, steps: Sequence[StepReport]) -> list[Source]:
    """The anomaly's file on the left, and on the right what protects its transactions."""
    sessions = list(anomaly.SESSIONS)
    files = (("transfer", anomaly.__file__), ("audit", protections.__file__))
    left, right = (source_of(Path(file or ""), side, Path(file or "").name, sessions, steps) for side, file in files)
    return [left, begin_at(right, f"class {row.protection}(")]
