"""Pure: what is said of an audit before anything else: whether it is torn or incomplete, by how much, and why."""

from collections.abc import Sequence
from typing import NamedTuple

from accounts.evidence import HalfSeen
from accounts.evidence.narrative import count, name_accounts
from accounts.reporting.audit_kind import AuditKind


class Findings(NamedTuple):
    """What an audit's error is made of. Each amount has the sign of the error: below 0 is money that was not seen."""

    #: Accounts by their numbers.
    half_seen: Sequence[HalfSeen] = ()
    lost_count: int = 0
    #: The sum of the updates that had been lost by then.
    lost: int = 0
    #: Minus what the accounts that the audit left out would have held.
    unread: int = 0
    #: Their numbers; empty if they were not noted.
    unread_accounts: Sequence[int] = ()

    @property
    def half_seen_amount(self) -> int:
        return sum(seen.amount for seen in self.half_seen)


def headline(kind: AuditKind, findings: Findings, *, reason: str = "") -> str:
    """One to four short sentences. `reason` is why an audit failed."""
    opening = {
        AuditKind.FAILED: f"It failed, and read nothing: {reason}",
        AuditKind.UNKNOWN: "It kept only its sum, not what it read: whether it is torn is not known.",
        AuditKind.UNJUDGED: "It has not been checked yet: that happens at the latest when its storm has ended.",
        AuditKind.RIGHT: "Right: it saw each transfer on both of its accounts, or on neither.",
        AuditKind.WRONG: "Not torn: the money is wrong, not the audit.",
        AuditKind.INCOMPLETE: "Incomplete:",
        AuditKind.TORN: "Torn:",
        AuditKind.LUCK: "Torn, and right by luck:",
    }[kind]
    return " ".join([opening, *_causes(findings, is_to_blame=kind.is_torn or kind == AuditKind.INCOMPLETE)])


def _causes(findings: Findings, *, is_to_blame: bool) -> list[str]:
    """A sentence for each cause of the error. If the audit is to blame, the first goes on after "Torn:" or the like."""
    causes = [cause for cause in (_half_seen(findings), _unread(findings), _lost(findings)) if cause]
    if is_to_blame and findings.lost_count:
        causes.append("That is the money, not the audit.")
    first, others = (causes[:1], causes[1:]) if is_to_blame else ([], causes)
    return [*first, *(f"{cause[0].upper()}{cause[1:]}" for cause in others)]


def _half_seen(findings: Findings) -> str:
    if not findings.half_seen:
        return ""
    (first, *others), amount = findings.half_seen, findings.half_seen_amount
    if not others and _both_were_read(findings):
        how = "counted twice" if first.amount > 0 else "not counted at all"
        return (
            f"{first.moved:,} was {how}. "
            f"Account {first.not_seen_on} was read before transfer {first.transfer}, account {first.seen_on} after it."
        )
    sums = f"which makes the total {_too_high(amount)}" if amount else "and they cancel out"
    were = "was" if not others else "were"
    return f"{count(len(findings.half_seen), 'transfer')} {were} seen on one account only, {sums}."


def _both_were_read(findings: Findings) -> bool:
    """Whether that is known of the accounts: not if some were left out, and it was not noted which."""
    return bool(findings.unread_accounts) or not findings.unread


def _unread(findings: Findings) -> str:
    if findings.unread_accounts:
        sums = f"which makes the total {_too_high(findings.unread)}" if findings.unread else "which held nothing"
        return f"it did not read {name_accounts(findings.unread_accounts)}, {sums}."
    return f"accounts that it did not read make the total {_too_high(findings.unread)}." if findings.unread else ""


def _lost(findings: Findings) -> str:
    if not findings.lost_count:
        return ""
    updates = f"{count(findings.lost_count, 'update')} lost by then"
    if not findings.lost:
        return f"{updates} cancel out."
    return f"{updates} {'makes' if findings.lost_count == 1 else 'make'} the total {_too_high(findings.lost)}."


def _too_high(amount: int) -> str:
    return f"{abs(amount):,} too {'high' if amount > 0 else 'low'}"
