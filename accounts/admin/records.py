"""Banks, accounts, transfers: rows that are evidence. They can be looked at, and not touched."""

from typing import Any

from django.contrib import admin
from django.db.models import F, QuerySet, Sum
from django.http import Http404, HttpRequest
from django.utils.safestring import SafeString

from accounts.admin.links import link, list_link, moment
from accounts.evidence.amounts import signed
from accounts.models import Account, Bank, Storm, Transfer


def number_of(object_id: str | int) -> int:
    """The primary key in a page's address. Raises Http404 for what cannot be one."""
    text = str(object_id)
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Http404(f"{text!r} is no number.")
    return int(text)


class RecordAdmin(admin.ModelAdmin):
    """Rows that are evidence: they can be looked at, and not touched."""

    show_full_result_count = False  # counting 100,000 rows twice for each page would be felt
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Bank)
class BankAdmin(RecordAdmin):
    list_display = ["name", "total_now", "opening_total", "off_by", "its_accounts", "its_storm"]
    search_fields = ["name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Bank]:
        return super().get_queryset(request).select_related("storm").annotate(now=Sum("accounts__balance"))

    @admin.display(description="total now", ordering="now")
    def total_now(self, bank: Bank) -> str:
        return f"{bank.now or 0:,}"

    @admin.display(description="off by", ordering=F("now") - F("opening_total"))
    def off_by(self, bank: Bank) -> str:
        return signed((bank.now or 0) - bank.opening_total)

    @admin.display(description="accounts")
    def its_accounts(self, bank: Bank) -> SafeString:
        return list_link(Account, "accounts", bank__id__exact=bank.pk)

    @admin.display(description="storm")
    def its_storm(self, bank: Bank) -> str:
        return link(Storm, bank.storm.pk, str(bank.storm)) if hasattr(bank, "storm") else "-"


@admin.register(Account)
class AccountAdmin(RecordAdmin):
    list_display = ["bank", "number", "balance", "opening_balance", "last_transfer_link"]
    list_display_links = ["number"]
    list_select_related = ["bank"]
    ordering = ["-bank_id", "number"]
    search_fields = ["bank__name", "=number"]

    @admin.display(description="last transfer", ordering="last_transfer")
    def last_transfer_link(self, account: Account) -> str:
        return link(Transfer, account.last_transfer, str(account.last_transfer or "opening"))


@admin.register(Transfer)
class TransferAdmin(RecordAdmin):
    list_display = ["id", "storm_link", "from_to", "amount", "status", "short_reason", "worker", "ended_at"]
    list_filter = ["status"]
    list_select_related = ["storm", "source", "target"]
    search_fields = ["=id", "=storm__id"]
    search_help_text = "The id of a transfer or of a storm."
    ordering = ["-pk"]
    fields = [
        *("source", "target", "amount", "status", "reason", "storm_link", "when", "worker"),
        *("source_based_on", "target_based_on", "repeats", *Transfer.COUNTERS),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Transfer | None = None) -> list[str]:
        return self.fields

    @admin.display(description="storm", ordering="storm")
    def storm_link(self, transfer: Transfer) -> str:
        return link(Storm, transfer.storm_id, str(transfer.storm or "-"))

    @admin.display(description="when")
    def when(self, transfer: Transfer) -> str:
        return moment(transfer)

    @admin.display(description="from → to")
    def from_to(self, transfer: Transfer) -> str:
        return f"{transfer.source.number} → {transfer.target.number}"

    @admin.display(description="reason")
    def short_reason(self, transfer: Transfer) -> str:
        return transfer.reason[:80]
