"""Why each wrong audit of a storm is wrong, and each account that is off is off: the answer of `manage.py explain`.

It is worked out from all rows of the bank. Pages must be quick, and do not use it: they show what judging noted on each
audit. Both are made by `evidence.rows.as_values`, so they say the same of an audit.
"""

from typing import TypedDict

from django.db.models import Count

from accounts.evidence import History
from accounts.evidence.narrative import Narrator
from accounts.evidence.rows import AuditValues, Finding, as_values, explain_audits, read_history
from accounts.models import Audit, Storm
from accounts.storms.report import accounts_off, narrator


class Confusion(TypedDict):
    """How many audits are whole, incomplete or torn, and of each how many have the right total."""

    whole_right: int
    whole_wrong: int
    incomplete_right: int
    incomplete_wrong: int
    torn_wrong: int
    torn_right_by_luck: int
    unknown: int  #: no readings were kept


class LostUpdateValues(TypedDict):
    """A lost update; the transfers by their primary keys."""

    transfer: int
    account: int
    amount: int
    overwritten_by: int | None
    story: str


class PartValues(TypedDict):
    """What one transfer has to do with an account that is off."""

    transfer: int
    amount: int
    cause: str


class AccountValues(TypedDict):
    """One account, by its number, and which transfers add up to what it is off by."""

    account: int
    opening: int
    balance: int
    should_be: int
    off_by: int
    because: list[PartValues]


class StormValues(TypedDict):
    """What `manage.py explain` says of a storm."""

    id: int
    transfer_with: str
    audit_with: str
    expected_total: int
    audits_taken: int
    audits_failed: dict[str, int]
    confusion: Confusion
    unexplained: int
    audits: list[AuditValues]
    drift: int
    lost_updates: list[LostUpdateValues]
    accounts: list[AccountValues]


def explain_storm(storm: Storm) -> StormValues:
    """Plain values, ready for JSON.

    `audits` lists every audit whose total is wrong, or that is torn or incomplete. In each, `half_seen` amounts,
    `lost_updates` (the sum of the updates that had been lost by then) and `unread_amount` (of the accounts that it left
    out) are signed like `error`, and add up to `explained`. `unexplained` counts the audits whose error they do not
    account for: there should be none.
    """
    history = read_history(storm.bank)
    narrate = narrator(storm, history)
    findings = explain_audits(history, storm.audits.order_by("number"))
    wrong = [finding for finding in findings if finding.is_wrong]
    return {
        "id": storm.pk,
        "transfer_with": storm.transfer_with,
        "audit_with": storm.audit_with,
        "expected_total": storm.bank.opening_total,
        "audits_taken": len(findings),
        "audits_failed": _failed(storm),
        "confusion": _confusion(findings),
        "unexplained": sum(finding.explanation is not None and not finding.is_explained for finding in findings),
        "audits": [as_values(finding, narrate) for finding in wrong],
        "drift": history.drift(),
        "lost_updates": _lost_updates(history, narrate),
        "accounts": _accounts(storm, history),
    }


def _failed(storm: Storm) -> dict[str, int]:
    """How many audits failed, by their reasons: what could not be read cannot be wrong."""
    failures = storm.audits.filter(status=Audit.Status.FAILED).values_list("reason")
    return dict(failures.annotate(count=Count("pk")).order_by("-count", "reason"))


def _confusion(findings: list[Finding]) -> Confusion:
    """Torn against wrong: the two are different things, and an audit may be torn and right by luck.

    An incomplete audit that is torn too counts as torn; whole ones are neither.
    """
    judged = [finding for finding in findings if finding.explanation is not None]
    whole = [finding for finding in judged if not finding.is_torn and not finding.is_incomplete]
    incomplete = [finding for finding in judged if finding.is_incomplete and not finding.is_torn]
    return {
        "whole_right": sum(not finding.audit.off_by for finding in whole),
        "whole_wrong": sum(bool(finding.audit.off_by) for finding in whole),
        "incomplete_right": sum(not finding.audit.off_by for finding in incomplete),
        "incomplete_wrong": sum(bool(finding.audit.off_by) for finding in incomplete),
        "torn_wrong": sum(finding.is_torn and bool(finding.audit.off_by) for finding in judged),
        "torn_right_by_luck": sum(finding.is_right_by_luck for finding in judged),
        "unknown": len(findings) - len(judged),
    }


def _lost_updates(history: History, narrate: Narrator) -> list[LostUpdateValues]:
    return [
        {
            "transfer": lost.transfer,
            "account": narrate.numbers[lost.account],
            "amount": lost.amount,
            "overwritten_by": lost.overwritten_by,
            "story": narrate.lost(lost),
        }
        for lost in history.lost_updates()
    ]


def _accounts(storm: Storm, history: History) -> list[AccountValues]:
    """Every account, what it holds, what it should hold, and which transfers add up to the difference."""
    off, damage = accounts_off(storm), history.accounts_off()
    return [
        {
            "account": account.number,
            "opening": account.opening_balance,
            "balance": account.balance,
            "should_be": account.balance - off.get(account.pk, 0),
            "off_by": off.get(account.pk, 0),
            "because": [
                {"transfer": part.transfer, "amount": part.amount, "cause": part.cause.value}
                for part in damage.get(account.pk, [])
            ],
        }
        for account in storm.bank.accounts.order_by("number")
    ]
