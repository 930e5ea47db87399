"""A page for each transfer: whether an update of it was lost, and how."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.admin.bases import ModelAdmin
from accounts.admin.guards import require
from accounts.models import Transfer
from accounts.reporting.lost_update_page import lost_update_page


class LostUpdatePages(ModelAdmin):
    """For the admin of transfers."""

    def get_urls(self) -> list[URLPattern]:
        page = path("<int:pk>/lost/", self.admin_site.admin_view(self.lost_view), name="accounts_transfer_lost")
        return [page, *super().get_urls()]

    def lost_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """For each of its two accounts on which its write is missing: who read the same balance, and who wrote what."""
        require(self.has_view_permission(request))
        transfer = get_object_or_404(Transfer.objects.select_related("storm", "source", "target"), pk=pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"Transfer {transfer.pk}: lost update",
            "transfer": transfer,
            "page": lost_update_page(transfer),
        }
        return TemplateResponse(request, "admin/accounts/transfer/lost.html", context)

    @admin.display(description="lost update")
    def its_lost_update(self, transfer: Transfer) -> SafeString:
        """A link: the answer takes a look at all transfers of its two accounts."""
        address = reverse("admin:accounts_transfer_lost", args=[transfer.pk])
        return format_html('<a href="{}">see whether an update of it was lost</a>', address)
