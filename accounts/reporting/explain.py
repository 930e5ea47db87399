"""Why each wrong audit of a storm is wrong, and each account that is off is off: one answer for command and pages."""

from typing import Any

from django.db.models import Count

from accounts.evidence import History
from accounts.evidence.narrative import Narrator
from accounts.evidence.rows import Finding, as_values, explain_audits, read_history
from accounts.models import Audit, Storm
from accounts.storms.report import accounts_off, narrator


def explain_storm(storm: Storm) -> dict[str, Any]:
    """Plain values, ready for JSON.

    `audits` lists every audit whose total is wrong or whose cut is torn. In each, `half_seen` amounts and
    `lost_updates` (the sum of the updates that had been lost by then) are signed like `error`, and add up to
    `explained`. `unexplained` counts the audits whose error they do not account for: there should be none.
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
    failed = storm.audits.filter(status=Audit.Status.FAILED).values_list("reason")
    return dict(failed.annotate(count=Count("pk")).order_by("-count", "reason"))


def _confusion(findings: list[Finding]) -> dict[str, int]:
    """Torn against wrong: the two are different things, and an audit may be torn and right by luck."""
    judged = [finding for finding in findings if finding.explanation is not None]
    return {
        "whole_right": sum(not finding.is_torn and not finding.audit.off_by for finding in judged),
        "whole_wrong": sum(not finding.is_torn and bool(finding.audit.off_by) for finding in judged),
        "torn_wrong": sum(finding.is_torn and bool(finding.audit.off_by) for finding in judged),
        "torn_right_by_luck": sum(finding.is_right_by_luck for finding in judged),
        "unknown": len(findings) - len(judged),
    }


def _lost_updates(history: History, narrate: Narrator) -> list[dict[str, Any]]:
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


def _accounts(storm: Storm, history: History) -> list[dict[str, Any]]:
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
