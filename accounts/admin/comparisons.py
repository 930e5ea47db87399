"""Comparing storms: an action on their list, a page with a row for each, and the same as one file."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from accounts.admin.bases import ModelAdmin
from accounts.admin.guards import require
from accounts.db.primary_key import read_primary_key
from accounts.models import Storm
from accounts.reporting import document
from accounts.reporting.comparison import MAX_STORMS, compare, same_plan

MAX_NUMBERS = 1000  # in one address


class ComparisonPages(ModelAdmin):
    """Storms side by side, for all who may see storms."""

    actions = ["compare_action"]

    def get_urls(self) -> list[URLPattern]:
        pages = {"compare": self.compare_view, "report": self.report_view}
        urls = [
            path(f"{name}/", self.admin_site.admin_view(view), name=f"accounts_storm_{name}")
            for name, view in pages.items()
        ]
        return [*urls, *super().get_urls()]

    @admin.action(description="Compare side by side", permissions=["view"])
    def compare_action(self, request: HttpRequest, storms: QuerySet[Storm]) -> HttpResponse:
        numbers = sorted(storms.values_list("pk", flat=True), reverse=True)
        return redirect(
            f"{reverse('admin:accounts_storm_compare')}?storms={','.join(map(str, numbers[: MAX_STORMS + 1]))}"
        )

    def compare_view(self, request: HttpRequest) -> HttpResponse:
        """?storms=1,2,3 compares these; ?like=1 compares storm 1 with all of the same plan; else the newest ones."""
        require(self.has_view_permission(request))
        storms = chosen_storms(request)
        if len(storms) > MAX_STORMS:
            messages.warning(
                request, f"Only the newest {MAX_STORMS} of them are compared: more do not fit on one page."
            )
        comparison = compare(storms[:MAX_STORMS])
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Storms side by side",
            "comparison": comparison,
            "chosen": ",".join(str(row.storm.pk) for row in comparison.rows),
        }
        return TemplateResponse(request, "admin/accounts/storm/compare.html", context)

    def report_view(self, request: HttpRequest) -> HttpResponse:
        """The storms that the address names, as one self-contained file."""
        require(self.has_view_permission(request))
        storms = chosen_storms(request)[:MAX_STORMS]
        if not storms:
            messages.error(request, "There is no such storm to report.")
            return redirect("admin:accounts_storm_changelist")
        name = "storm" if len(storms) == 1 else "storms"
        numbers = "-".join(str(storm.pk) for storm in storms)
        return HttpResponse(
            document.as_html(storms),
            headers={"Content-Disposition": f'attachment; filename="{name}-{numbers}.html"'},
        )


def chosen_storms(request: HttpRequest) -> list[Storm]:
    """The storms that the address names, newest first, at most one more than are compared."""
    storms = Storm.objects.select_related("bank").order_by("-pk")
    like = _numbers(request.GET.get("like", ""))
    if like:
        storm = storms.filter(pk__in=like).first()
        return same_plan(storm) if storm else []
    if "storms" in request.GET:
        storms = storms.filter(pk__in=_numbers(request.GET["storms"]))
    return list(storms[: MAX_STORMS + 1])


def _numbers(text: str) -> list[int]:
    """The primary keys in "1,2,3". Words that cannot be one are left out."""
    numbers = map(read_primary_key, text.split(",")[:MAX_NUMBERS])
    return [number for number in numbers if number is not None]
