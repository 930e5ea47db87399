"""Banks, accounts, transfers: rows that are evidence. They can be looked at, and never changed."""

from typing import Any

from django.contrib import admin
from django.db.models import F, QuerySet, Sum
from django.http import Http404, HttpRequest
from django.utils.safestring import SafeString

from accounts.admin.bases import ModelAdmin
from accounts.admin.keys_first import KeysFirstPaginator
from accounts.admin.links import link, list_link, moment
from accounts.admin.lost_updates import LostUpdatePages
from accounts.db.primary_key import read_primary_key
from accounts.evidence.amounts import signed
from accounts.models import Account, Bank, Storm, Transfer

APPLIED = Transfer.Status.APPLIED


def number_of(object_id: str | int) -> int:
    """The primary key in a page's address. Raises Http404 for text that cannot be one."""
    number = read_primary_key(str(object_id))
    if number is None:
        raise Http404(f"{object_id!r} cannot be the number of a row.")
    return number


class KeptAdmin(ModelAdmin):
    """Rows that are never changed or deleted. Users with the model's permission may add some."""

    show_full_result_count = False  # counting 100,000 rows twice for each page takes noticeably long
    list_per_page = 50

    @admin.display(description="id", ordering="pk")
    def key(self, row: Any) -> str:
        """Its primary key as all pages write it, and as it is searched for: 102496, and not 102,496."""
        return str(row.pk)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class RecordAdmin(KeptAdmin):
    """Rows that are evidence: only the program adds them."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Bank)
class BankAdmin(RecordAdmin):
    list_display = ["name", "total_now", "opening_total", "off_by", "its_accounts", "its_storm"]
    search_fields = ["name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        banks = super().get_queryset(request).select_related("storm")
        with_sums: QuerySet[Any] = banks.annotate(now=Sum("accounts__balance"))
        return with_sums

    @admin.display(description="total now", ordering="now")
    def total_now(self, bank: Bank) -> str:
        return f"{_total_now(bank):,}"

    @admin.display(description="off by", ordering=F("now") - F("opening_total"))
    def off_by(self, bank: Bank) -> str:
        return signed(_total_now(bank) - bank.opening_total)

    @admin.display(description="accounts")
    def its_accounts(self, bank: Bank) -> SafeString:
        return list_link(Account, "accounts", bank__id__exact=bank.pk)

    @admin.display(description="storm")
    def its_storm(self, bank: Bank) -> str:
        return link(Storm, bank.storm.pk, str(bank.storm)) if hasattr(bank, "storm") else "-"


def _total_now(bank: Bank) -> int:
    """What its accounts hold now; while it has none yet, what they will."""
    now: int | None = vars(bank)["now"]  # get_queryset() adds it
    return bank.opening_total if now is None else now


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
class TransferAdmin(LostUpdatePages, RecordAdmin):
    list_display = ["key", "storm_link", "from_to", "amount", "status", "short_reason", "worker", "ended_at"]
    list_filter = ["status"]
    list_select_related = ["storm", "source", "target"]
    search_fields = ["=id", "=storm__id"]
    search_help_text = "The id of a transfer or of a storm."
    paginator = KeysFirstPaginator
    ordering = ["-pk"]
    fields = [
        "source",
        "target",
        "amount",
        "status",
        "reason",
        "storm_link",
        "when",
        "worker",
        "source_read_from",
        "target_read_from",
        "its_lost_update",
        "repeats",
        "waited_ms",
        *(counter for counter in Transfer.COUNTERS if counter != "waited_us"),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Transfer | None = None) -> list[str]:
        return [str(name) for name in self.fields]

    @admin.display(description="storm", ordering="storm")
    def storm_link(self, transfer: Transfer) -> str:
        return link(Storm, transfer.storm_id, str(transfer.storm or "-"))

    @admin.display(description="when")
    def when(self, transfer: Transfer) -> str:
        return moment(transfer)

    @admin.display(description="waited for locks, ms")
    def waited_ms(self, transfer: Transfer) -> str:
        return f"{transfer.waited_us / 1000:,.1f}"

    @admin.display(description="source: balance read was written by")
    def source_read_from(self, transfer: Transfer) -> str:
        return _writer(transfer, transfer.source_based_on)

    @admin.display(description="target: balance read was written by")
    def target_read_from(self, transfer: Transfer) -> str:
        return _writer(transfer, transfer.target_based_on)

    @admin.display(description="from → to")
    def from_to(self, transfer: Transfer) -> str:
        return f"{transfer.source.number} → {transfer.target.number}"

    @admin.display(description="reason")
    def short_reason(self, transfer: Transfer) -> str:
        return transfer.reason[:80]


def _writer(transfer: Transfer, token: int | None) -> str:
    """What wrote the balance that an applied transfer replaced: the transfer of this token, or the opening."""
    return link(Transfer, token, f"transfer {token}" if token else "the opening") if transfer.status == APPLIED else "-"
