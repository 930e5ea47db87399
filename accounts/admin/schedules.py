"""A storm's transfer as a small scenario for the explorer, and who may explore."""

from django.contrib.admin import AdminSite
from django.http import HttpRequest

from accounts.errors import BankError
from accounts.evidence.rows import half_seen_of
from accounts.explorer import saved as saved_explorations
from accounts.explorer.plan import SEPARATE, SHARED
from accounts.models import Audit, SavedExploration, opening
from accounts.reporting.half_seen import as_scenario


def may_explore(site: AdminSite, request: HttpRequest) -> bool:
    return site.get_model_admin(SavedExploration).has_add_permission(request)


def explore_half_seen(audit: Audit, transfer: int | None) -> SavedExploration:
    """Begin to explore one transfer that the audit saw half, with its storm's strategies.

    Raises BankError if the audit did not see that transfer half, or belongs to no storm.
    """
    half_seen = next((seen for seen in half_seen_of(audit) if seen.transfer == transfer), None)
    if audit.storm is None or half_seen is None:
        raise BankError(f"Transfer {transfer or '-'} is none that {audit} saw half: choose one of those on this page.")
    exploration = SavedExploration(
        transfer_with=audit.storm.transfer_with,
        audit_with=audit.storm.audit_with,
        transfers=as_scenario(half_seen, opening=opening.LECTURE_BALANCES),
        account_count=2,
        audit_count=1,
        processes=SEPARATE if audit.storm.worker_count > 1 else SHARED,
    )
    saved_explorations.launch(exploration)
    return exploration
