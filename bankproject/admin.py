"""Django's own admin under our name; the bank's pages are listed before those of users and queues."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django_htmx.http import HttpResponseClientRefresh

from bankproject.htmx import wants_part

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class BankAdminSite(AdminSite):
    site_header = site_title = "Torn Totals"
    index_title = "A missed lock in our bank"
    site_url = None  # "View site" would lead to this same page
    enable_nav_sidebar = False  # it would take a quarter of a projector's width from every picture

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """As Django's, but a part of a page that is reloaded without a login gets its whole page loaded again.

        Django answers with a redirect to the login page. htmx would follow it, and put the login into the page.
        """
        checked_view = super().admin_view(view, cacheable)

        @wraps(checked_view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if wants_part(request) and not self.has_permission(request):
                return HttpResponseClientRefresh()
            return checked_view(request, *args, **kwargs)

        return cast(View, answer)  # it takes and returns what the view does

    def logout(  # type: ignore[override]  # the stubs know of no redirect
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        """As Django's; but a GET, such as a reload of the page that says so, leads to the login and is no error."""
        if request.method == "POST":
            return super().logout(request, extra_context)
        return redirect("admin:index")

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        apps = super().get_app_list(request, app_label)
        return sorted(apps, key=lambda app: app["app_label"] != "accounts")
