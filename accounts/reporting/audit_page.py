"""Everything that is shown of one audit: what kind it is, its cut as a picture, the same in words and as tables."""

from collections.abc import Sequence
from itertools import islice
from typing import Any, NamedTuple

from accounts import strategies
from accounts.evidence.narrative import MEANINGS
from accounts.models import Audit
from accounts.reporting import audit_neighbours
from accounts.reporting.audit_headline import Findings, Half, headline
from accounts.reporting.audit_neighbours import Neighbourhood
from accounts.reporting.charts import cut
from accounts.reporting.half_seen import Row, retell

MOST_ROWS = 200
MOST_UNFOLDED, UNFOLDED = 12, 10


class Folded(NamedTuple):
    """The rows of a table: of many, all but the first ten are folded away. (One or two are not worth a click.)"""

    first: list[dict[str, Any]]
    rest: list[dict[str, Any]]

    @classmethod
    def of(cls, rows: list[dict[str, Any]]) -> "Folded":
        shown = len(rows) if len(rows) <= MOST_UNFOLDED else UNFOLDED
        return cls(rows[:shown], rows[shown:])


def kind_of(audit: Audit) -> str:
    """The first of these that it is: failed, unknown (it kept no readings), unjudged, torn, incomplete, wrong, whole.

    A torn audit with a right total is called luck. Of one that is called wrong, the bank is wrong and not the audit.
    """
    if audit.status == Audit.Status.FAILED:
        return "failed"
    if audit.torn is None:
        return "unknown" if audit.readings is None else "unjudged"
    if audit.torn:
        return "torn" if audit.off_by else "luck"
    if audit.is_incomplete:
        return "incomplete"
    return "wrong" if audit.off_by else "whole"


def dissect(audit: Audit, *, transfer: int | None = None) -> dict[str, Any]:
    """What a page or a document shows of the audit, in a bounded number of queries.

    `transfer` chooses the half-seen transfer that is told as a timeline; by default it is the largest.
    """
    kind = kind_of(audit)
    shown = {"audit": audit, "kind": kind, "figures": _figures(audit), "anomalies": _anomalies(audit)}
    if kind in ("failed", "unknown", "unjudged"):
        nothing = Findings(0, 0, [], 0, 0, 0)
        return shown | {
            "headline": headline(kind, nothing, reason=audit.reason),
            "readings": Folded.of(_readings(audit, dict(audit.bank.accounts.values_list("pk", "number")))),
        }
    nearby = audit_neighbours.of_audit(audit)
    half_seen = _half_seen(audit, nearby)
    found = _findings(audit, half_seen)
    lanes = [_lane_row(lane, nearby) for lane in nearby.lanes]
    return shown | {
        "headline": headline(kind, found),
        "story": (audit.explanation or {}).get("story", ""),
        "found": found,
        "picture": cut.draw(nearby.lanes, nearby.moves, nearby.crossing),
        "lanes": lanes,
        "readings": Folded.of(_readings(audit, nearby.numbers, lanes)),
        "nearby": nearby,
        "left_out_sum": _signed(sum(seen["amount"] for seen in nearby.left_out)),
        "half_seen": Folded.of(half_seen[:MOST_ROWS]),
        "totals": [] if kind == "whole" and not found.lost_count else _totals(audit, found),
        "told": _tell(audit, half_seen, nearby, transfer),
    }


def _figures(audit: Audit) -> str:
    return "" if audit.total is None else f"It read {audit.total:,}, and {audit.expected_total:,} was expected."


def _anomalies(audit: Audit) -> list[tuple[str, str]]:
    """What the field calls what happened to this audit, each with its meaning."""
    return [(name, MEANINGS.get(name, "")) for name in (audit.explanation or {}).get("anomalies", [])]


def _findings(audit: Audit, half_seen: list[dict[str, Any]]) -> Findings:
    """What the audit is off by, in parts."""
    explanation = audit.explanation or {}
    amount = sum(seen["amount"] for seen in half_seen)
    lost = explanation.get("lost_updates") or 0
    return Findings(
        half_seen_count=len(half_seen),
        half_seen=amount,
        halves=[_half(seen) for seen in half_seen if seen["move"]],
        lost_count=explanation.get("lost_update_count") or 0,
        lost=lost,
        unread=explanation.get("unread_amount") or 0,
        unread_accounts=explanation.get("unread") or (),
    )


def _half(seen: dict[str, Any]) -> Half:
    numbers = {seen["move"].source_number, seen["move"].target_number}
    return Half(seen["transfer"], seen["seen_on"], *(numbers - {seen["seen_on"]}), seen["amount"])


def _half_seen(audit: Audit, nearby: Neighbourhood) -> list[dict[str, Any]]:
    """Each half-seen transfer with its accounts; those that are drawn first."""
    rows = [
        seen | {"move": nearby.moves.get(seen["transfer"]), "adds": _signed(seen["amount"])}
        for seen in (audit.explanation or {}).get("half_seen", [])
    ]
    return sorted(rows, key=lambda row: row["transfer"] not in nearby.crossing)


def _totals(audit: Audit, found: Findings) -> list[tuple[str, str]]:
    """The lines below the table of half-seen transfers: what adds up to what the audit is off by."""
    listed = f" ({MOST_ROWS:,} are listed)" if found.half_seen_count > MOST_ROWS else ""
    lines = []
    if found.half_seen_count:
        lines.append((f"seen on one account only: {found.half_seen_count:,}{listed}", found.half_seen))
    if found.lost_count:
        lines.append((f"updates lost by then: {found.lost_count:,}", found.lost))
    if found.unread_accounts:
        lines.append((f"accounts that were not read: {len(found.unread_accounts):,}", found.unread))
    lines.append(("the audit is off by", audit.off_by or 0))
    return [(name, _signed(amount)) for name, amount in lines]


def _lane_row(lane: cut.Lane, nearby: Neighbourhood) -> dict[str, Any]:
    """One lane of the picture in words."""
    return {
        "number": lane.number,
        "balance": lane.balance,
        "token": lane.seen[-1] if lane.seen else None,
        "next": next((transfer for transfer in lane.unseen if transfer in nearby.moves), None),
    }


def _readings(audit: Audit, numbers: dict[int, int], lanes: Sequence[dict[str, Any]] = ()) -> list[dict[str, Any]]:
    """What it read: first the accounts that are drawn, then others, MOST_ROWS in all."""
    drawn = {lane["number"] for lane in lanes}
    others = (
        {"number": numbers.get(account), "balance": balance, "token": token}
        for account, balance, token in audit.readings or []
        if numbers.get(account) not in drawn
    )
    return [*lanes, *islice(others, MOST_ROWS - len(lanes))]


def _tell(
    audit: Audit, half_seen: list[dict[str, Any]], nearby: Neighbourhood, transfer: int | None
) -> dict[str, Any] | None:
    """One half-seen transfer as a timeline."""
    told = [row for row in half_seen if row["move"]]
    row = next((row for row in told if row["transfer"] == transfer), None) or max(
        told, key=lambda row: abs(row["amount"]), default=None
    )
    if row is None:
        return None
    numbers = {row["move"].source: row["move"].source_number, row["move"].target: row["move"].target_number}
    balances = {numbers[account]: balance for account, balance, _token in audit.readings if account in numbers}
    transactional = audit.storm is None or strategies.is_transactional(audit.storm.transfer_with)
    rows: list[Row] = retell(row["move"], seen_on=row["seen_on"], balances=balances, transactional=transactional)
    return {**row, "rows": rows}


def _signed(amount: int) -> str:
    return f"{amount:+,}" if amount else "0"
