"""Everything that is shown of one audit: what kind it is, its cut as a picture, the same in words and as tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from accounts import strategies
from accounts.evidence import HalfSeen
from accounts.evidence.amounts import signed
from accounts.evidence.narrative import ANOMALIES, count
from accounts.evidence.rows import half_seen_of
from accounts.models import Audit
from accounts.reporting import audit_neighbours
from accounts.reporting.audit_headline import Findings, headline
from accounts.reporting.audit_kind import AuditKind
from accounts.reporting.audit_neighbours import Neighbourhood, readings_of
from accounts.reporting.audit_rows import kind_of_audit
from accounts.reporting.audit_tables import (
    Folded,
    HalfSeenRow,
    ReadingRow,
    Sum,
    half_seen_rows,
    reading_rows,
    sums_of,
)
from accounts.reporting.charts import cut
from accounts.reporting.half_seen import Moment, retell

STUBS = (
    "A dot with words is a transfer without an arrow: its other side was lost, or is on another account or far from "
    "the line, or its arrow would cross the line and come back."
)


class Anomaly(NamedTuple):
    """What the literature calls something that happened to the audit, and what that means ("" if not known)."""

    name: str
    meaning: str


@dataclass(frozen=True)
class Order:
    """One half-seen transfer as a timeline."""

    transfer: int
    #: What it does to the total, with its sign.
    adds: str
    moments: list[Moment]


@dataclass(frozen=True)
class AuditPage:
    """One audit. If it was not judged, there is no picture, and nothing adds up to its error."""

    audit: Audit
    kind: AuditKind
    headline: str
    #: More about it, in one sentence; "" if it has no total.
    story: str
    anomalies: list[Anomaly]
    readings: Folded[ReadingRow]
    picture: cut.Picture | None = None
    #: Sentences below the picture, which say what it leaves out.
    notes: Sequence[str] = ()
    order: Order | None = None
    half_seen: Folded[HalfSeenRow] | None = None
    #: What adds up to the audit's error; empty if there is nothing to add up.
    sums: Sequence[Sum] = ()


def audit_page(audit: Audit, *, transfer: int | None = None) -> AuditPage:
    """What a page or a document shows of the audit, in a bounded number of queries.

    `transfer` chooses the half-seen transfer that is told as a timeline; by default it is the largest.
    """
    kind = kind_of_audit(audit)
    if not kind.is_judged:
        return AuditPage(
            audit=audit,
            kind=kind,
            headline=headline(kind, Findings(), reason=audit.reason),
            story=_story(audit),
            anomalies=[],
            readings=reading_rows(audit, None),
        )
    findings = findings_of(audit)
    neighbourhood = audit_neighbours.of_audit(audit, findings.half_seen)
    order = _order(audit, findings.half_seen, neighbourhood, transfer)
    picture = cut.draw(neighbourhood.lanes, neighbourhood.moves, neighbourhood.crossing)
    return AuditPage(
        audit=audit,
        kind=kind,
        headline=headline(kind, findings),
        story=_story(audit),
        anomalies=_anomalies(audit),
        readings=reading_rows(audit, neighbourhood),
        picture=picture,
        notes=_notes(picture, neighbourhood, findings),
        order=order,
        half_seen=half_seen_rows(findings.half_seen, neighbourhood.crossing, order.transfer if order else None),
        sums=[] if kind == AuditKind.RIGHT and not findings.lost_count else sums_of(audit, findings),
    )


def findings_of(audit: Audit) -> Findings:
    """What the audit's error is made of, as it was noted when the audit was judged. Needs one query."""
    explanation = audit.explanation or {}
    lost_amount = explanation.get("lost_updates") or 0
    the_rest = (
        (explanation.get("explained") or 0)
        - sum(seen["amount"] for seen in explanation.get("half_seen", []))
        - lost_amount
    )
    return Findings(
        half_seen=half_seen_of(audit),
        lost_count=explanation.get("lost_update_count") or 0,
        lost=lost_amount,
        unread=explanation.get("unread_amount", the_rest) or 0,
        unread_accounts=explanation.get("unread") or (),
    )


def _story(audit: Audit) -> str:
    if audit.total is None:
        return ""
    story = (audit.explanation or {}).get("story")
    return story or f"It read {audit.total:,}, and {audit.expected_total:,} was expected."


def _anomalies(audit: Audit) -> list[Anomaly]:
    return [Anomaly(name, ANOMALIES.get(name, "")) for name in (audit.explanation or {}).get("anomalies", [])]


def _order(
    audit: Audit, half_seen: Sequence[HalfSeen], neighbourhood: Neighbourhood, transfer: int | None
) -> Order | None:
    """The timeline of the chosen transfer, or of the largest; None if there is none."""
    if not half_seen:
        return None
    example = max(half_seen, key=lambda seen: (seen.transfer == transfer, seen.moved))
    balances = {neighbourhood.numbers[account]: reading.balance for account, reading in readings_of(audit).items()}
    transactional = audit.storm is None or strategies.is_transactional(audit.storm.transfer_with)
    moments = retell(example, balances=balances, transactional=transactional)
    return Order(example.transfer, signed(example.amount), moments)


def _notes(picture: cut.Picture, neighbourhood: Neighbourhood, findings: Findings) -> list[str]:
    """What the picture shows, and what it leaves out."""
    lane_count, all_of_them = len(neighbourhood.lanes), len(neighbourhood.numbers)
    which = "All accounts are" if lane_count == all_of_them else f"{lane_count:,} of {all_of_them:,} accounts are"
    notes = [f"{which} shown, with the transfers close to the line; \N{HORIZONTAL ELLIPSIS} stands for others."]
    if picture.stubs:
        notes.append(STUBS)
    if neighbourhood.left_out:
        amount = signed(sum(seen.amount for seen in neighbourhood.left_out))
        notes.append(
            f"There is no room for {count(len(neighbourhood.left_out), 'more half-seen transfer')}: {amount} in all."
        )
    if findings.unread_accounts or findings.unread:
        notes.append("All transfers of an account that was not read are right of the line.")
    if findings.lost_count:
        is_are = "is" if findings.lost_count == 1 else "are"
        notes.append(
            f"{count(findings.lost_count, 'lost update')} {is_are} not shown. "
            "Transfers that replaced the same version of an account stand one after the other."
        )
    return notes
