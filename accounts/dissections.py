"""Everything that is shown of one audit: what kind it is, its cut as a picture, the same in words and as tables."""

from typing import Any

from accounts import cuts, neighbourhoods, strategies
from accounts.crossings import Row, retell
from accounts.models import Audit
from accounts.neighbourhoods import Neighbourhood

MOST_ROWS = 200


def kind_of(audit: Audit) -> str:
    """failed, unknown (it kept no readings), unjudged, torn, luck (torn, and the total right), wrong, or whole."""
    if audit.status == Audit.Status.FAILED:
        return "failed"
    if audit.torn is None:
        return "unknown" if audit.readings is None else "unjudged"
    if audit.torn:
        return "torn" if audit.error else "luck"
    return "wrong" if audit.error else "whole"


def dissect(audit: Audit, *, transfer: int | None = None) -> dict[str, Any]:
    """What a page or a document shows of the audit, in a bounded number of queries.

    `transfer` chooses the half-seen transfer that is told as a timeline; by default it is the largest.
    """
    kind = kind_of(audit)
    sums = _sums(audit)
    shown: dict[str, Any] = {"audit": audit, "kind": kind, "sums": sums, "headline": _headline(audit, kind, sums)}
    if kind in ("failed", "unknown", "unjudged"):
        return shown
    nearby = neighbourhoods.of_audit(audit)
    half_seen = _half_seen(audit, nearby)
    return shown | {
        "story": (audit.explanation or {}).get("story", ""),
        "anomalies": (audit.explanation or {}).get("anomalies", []),
        "picture": cuts.draw(nearby.lanes, nearby.moves, nearby.crossing),
        "lanes": [_lane_row(lane, nearby) for lane in nearby.lanes],
        "nearby": nearby,
        "left_out_sum": _signed(sum(seen["amount"] for seen in nearby.left_out)),
        "half_seen": half_seen[:MOST_ROWS],
        "totals": _totals(half_seen, sums),
        "told": _tell(audit, half_seen, nearby, transfer),
    }


def _sums(audit: Audit) -> dict[str, int]:
    """What the audit's error is made of, each part signed like it."""
    explanation = audit.explanation or {}
    half_seen = sum(seen["amount"] for seen in explanation.get("half_seen", []))
    lost = explanation.get("lost_updates") or 0
    return {
        "half_seen": half_seen,
        "lost": lost,
        "lost_count": explanation.get("lost_update_count") or 0,
        "unread": (explanation.get("explained") or 0) - half_seen - lost,
        "error": audit.error or 0,
    }


def _headline(audit: Audit, kind: str, sums: dict[str, int]) -> str:
    if kind == "failed":
        return f"It failed, and read nothing: {audit.reason}"
    start = f"Read {audit.total:,}, expected {audit.expected_total:,}"
    if kind == "unknown":
        return f"{start}. It kept no readings, only their sum: nobody can tell whether it is torn."
    if kind == "unjudged":
        return f"{start}. It has not been judged yet: that happens when its storm has ended."
    if kind == "whole":
        return f"{start}: no arrow crosses the cut."
    parts = [f"the crossing arrows sum to {_signed(sums['half_seen'])}"] if audit.torn else []
    if sums["lost_count"]:
        parts.append(f"updates lost by then ({sums['lost_count']:,}) sum to {_signed(sums['lost'])}")
    if sums["unread"]:
        parts.append(f"accounts that were not read sum to {_signed(sums['unread'])}")
    whole = "" if audit.torn else "no arrow crosses the cut, but "
    luck = " Right, by luck." if kind == "luck" else ""
    return f"{start}: {whole}{' and '.join(parts)}.{luck}"


def _half_seen(audit: Audit, nearby: Neighbourhood) -> list[dict[str, Any]]:
    """Each half-seen transfer with its accounts; those that are drawn first."""
    rows = [
        seen | {"move": nearby.moves.get(seen["transfer"]), "adds": _signed(seen["amount"])}
        for seen in (audit.explanation or {}).get("half_seen", [])
    ]
    return sorted(rows, key=lambda row: row["transfer"] not in nearby.crossing)


def _totals(half_seen: list[dict[str, Any]], sums: dict[str, int]) -> list[tuple[str, str]]:
    """The lines below the table of half-seen transfers: what adds up to the audit's error."""
    listed = f" ({MOST_ROWS:,} are listed)" if len(half_seen) > MOST_ROWS else ""
    lines = [(f"seen on one account only: {len(half_seen):,}{listed}", sums["half_seen"])]
    if sums["lost_count"]:
        lines.append((f"updates lost by then: {sums['lost_count']:,}", sums["lost"]))
    if sums["unread"]:
        lines.append(("accounts that were not read", sums["unread"]))
    lines.append(("the audit's error", sums["error"]))
    return [(name, _signed(amount)) for name, amount in lines]


def _lane_row(lane: cuts.Lane, nearby: Neighbourhood) -> dict[str, Any]:
    """One lane of the picture in words."""
    return {
        "number": lane.number,
        "balance": lane.balance,
        "token": lane.seen[-1] if lane.seen else None,
        "next": next((transfer for transfer in lane.unseen if transfer in nearby.moves), None),
    }


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
