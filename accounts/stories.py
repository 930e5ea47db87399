"""Sentences about evidence, for people. Pure: explanations and names in, text out."""

from collections.abc import Mapping
from typing import Any

from accounts.evidence import Account, Explanation, HalfSeen, Movement


def tell_half_seen(seen: HalfSeen, movement: Movement, numbers: Mapping[Account, int]) -> str:
    """One half-seen transfer: what was read before, what after, and what that did to the total."""
    source, target = numbers[movement.source], numbers[movement.target]
    what = f"transfer {movement.id} ({source} -> {target}, {movement.amount:,})"
    if seen.seen_on == movement.source:
        return (
            f"read account {target} before {what} credited it, and account {source} after it was debited: "
            f"{movement.amount:,} short"
        )
    return (
        f"read account {source} before {what} debited it, and account {target} after it was credited: "
        f"{movement.amount:,} too much"
    )


def tell_audit(
    *,
    total: int,
    expected_total: int,
    explanation: Explanation,
    movements: Mapping[int, Movement],
    numbers: Mapping[Account, int],
    at_most: int = 3,
) -> str:
    """One sentence on why an audit's total is what it is; of many half-seen transfers, the first few are told."""
    parts = [tell_half_seen(seen, movements[seen.transfer], numbers) for seen in explanation.half_seen[:at_most]]
    if more := explanation.half_seen[at_most:]:
        parts.append(f"and so with {len(more)} more transfers: {_signed(sum(seen.amount for seen in more))}")
    if explanation.lost_count:
        parts.append(f"{explanation.lost_count} updates had been lost by then: {_signed(explanation.lost_amount)}")
    if explanation.unread:
        accounts = ", ".join(str(numbers[account]) for account in explanation.unread)
        parts.append(f"did not read account {accounts}: {_signed(explanation.unread_amount)}")
    return f"Read {total:,}, expected {expected_total:,}: {'; '.join(parts) or 'every transfer was seen whole'}."


def _signed(amount: int) -> str:
    return f"{-amount:,} short" if amount < 0 else f"{amount:,} too much" if amount else "which cancel out"


def facts(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    """A storm's report as lines of text, each with its name."""
    transfers, audits = report["transfers"], report["audits"]
    ended = [f"{transfers[name]:,} {name}" for name in ("applied", "refused", "failed", "pending") if transfers[name]]
    if transfers["applied_twice"]:
        ended.append(f"{transfers['applied_twice']:,} applied twice")
    unknown = f", {audits['torn_unknown']:,} unknown" if audits["torn_unknown"] else ""
    failed = f", {audits['failed']:,} failed" if audits["failed"] else ""
    return [
        ("transfers with", report["transfer_with"]),
        ("audits with", report["audit_with"]),
        ("ran on", f"{report['workers']} workers x {report['threads']} threads, {report['accounts']:,} accounts"),
        ("transfers", f"{transfers['planned']:,} planned: {', '.join(ended) or 'none ended'}"),
        ("torn audits", f"{audits['torn']:,} of {audits['taken']:,}{unknown}{failed}"),
        ("wrong totals", f"{audits['wrong_total']:,} of {audits['taken']:,} (expected {report['expected_total']:,})"),
        ("drift", f"{report['drift']:+,}" if report["drift"] else "0"),
        ("lost updates", f"{report['lost_updates']:,}, {report['accounts_off']:,} accounts off"),
        ("deadlocks, retries", f"{report['deadlocks']:,}, {report['retries']:,}"),
        ("speed", f"{report['transfers_per_second']:,.0f} transfers/s, {report['duration_s']:.1f} s"),
    ]
