"""Pure: what is said of an audit before anything else: whether it is torn or incomplete, by how much, and why."""

from collections.abc import Sequence
from typing import NamedTuple

from accounts.evidence.narrative import name_accounts


class Half(NamedTuple):
    """A half-seen transfer, the numbers of its two accounts, and what it adds to what the audit is off by."""

    transfer: int
    seen_on: int
    unseen_on: int
    amount: int


class Findings(NamedTuple):
    """What an audit is off by, in parts, signed like the whole. `halves` are the half-seen whose rows are there.

    `unread_accounts` are the numbers of those that the audit left out; `unread` is minus what they would have held.
    """

    half_seen_count: int
    half_seen: int
    halves: Sequence[Half]
    lost_count: int
    lost: int
    unread: int
    unread_accounts: Sequence[int] = ()


def headline(kind: str, found: Findings, *, reason: str = "") -> str:
    """One to four short sentences. `kind` is as `dissections.kind_of` gives it; `reason` is why an audit failed."""
    opening = {
        "failed": f"It failed, and read nothing: {reason}",
        "unknown": "It kept no readings, only their sum: nobody can tell whether it is torn.",
        "unjudged": "It has not been judged yet: that happens when its storm has ended.",
        "whole": "Right: it saw each transfer on both of its accounts, or on neither.",
        "wrong": "Not torn: the money is wrong, not the audit.",
        "incomplete": "Incomplete:",
        "torn": "Torn:",
        "luck": "Torn, and right by luck:",
    }[kind]
    return " ".join([opening, *_causes(found, is_to_blame=kind in ("torn", "luck", "incomplete"))])


def _causes(found: Findings, *, is_to_blame: bool) -> list[str]:
    """A sentence for each cause of the error. If the audit is to blame, the first goes on after "Torn:" or the like."""
    causes = [cause for cause in (_half_seen(found), _unread(found), _lost(found)) if cause]
    if is_to_blame and found.lost_count:
        causes.append("That is the money, not the audit.")
    first, others = (causes[:1], causes[1:]) if is_to_blame else ([], causes)
    return [*first, *(f"{cause[0].upper()}{cause[1:]}" for cause in others)]


def _half_seen(found: Findings) -> str:
    if found.half_seen_count == 1 and found.halves:
        (half,) = found.halves
        where = "twice" if half.amount > 0 else "nowhere"
        return (
            f"{abs(half.amount):,} counted {where}. "
            f"Account {half.unseen_on} was read before transfer {half.transfer}, account {half.seen_on} after it."
        )
    if not found.half_seen_count:
        return ""
    sums = f"which makes the total {_too_high(found.half_seen)}" if found.half_seen else "and they cancel out"
    return f"{_count(found.half_seen_count, 'transfer was', 'transfers were')} seen on one account only, {sums}."


def _unread(found: Findings) -> str:
    if not found.unread_accounts:
        return ""
    sums = f"which makes the total {_too_high(found.unread)}" if found.unread else "which held nothing"
    return f"it did not read {name_accounts(found.unread_accounts)}, {sums}."


def _lost(found: Findings) -> str:
    if not found.lost_count:
        return ""
    updates = _count(found.lost_count, "update", "updates")
    if not found.lost:
        return f"{updates} lost by then cancel out."
    return f"{updates} lost by then {'makes' if found.lost_count == 1 else 'make'} the total {_too_high(found.lost)}."


def _too_high(amount: int) -> str:
    return f"{abs(amount):,} too {'high' if amount > 0 else 'low'}"


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
