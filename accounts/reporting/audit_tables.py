"""The numbers of an audit's picture as tables: what adds up to its error, and what it read."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Generic, NamedTuple, TypeVar

from accounts.evidence import HalfSeen
from accounts.evidence.amounts import signed
from accounts.models import Audit
from accounts.reporting.audit_headline import Findings
from accounts.reporting.audit_neighbours import Neighbourhood, readings_of
from accounts.reporting.charts.cut import Lane

MAX_ROWS = 200
MAX_UNFOLDED, UNFOLDED = 12, 10

RowT = TypeVar("RowT")


@dataclass(frozen=True)
class Folded(Generic[RowT]):
    """The rows of a table: of many, all but the first ten are folded away. (One or two are not worth a click.)"""

    first: list[RowT]
    rest: list[RowT]

    @classmethod
    def of(cls, rows: list[RowT]) -> "Folded[RowT]":
        unfolded = len(rows) if len(rows) <= MAX_UNFOLDED else UNFOLDED
        return cls(rows[:unfolded], rows[unfolded:])


@dataclass(frozen=True)
class HalfSeenRow:
    """One half-seen transfer in the table of those that add up to what the audit is off by."""

    half_seen: HalfSeen
    #: Its order of events is told above the table.
    is_told: bool

    @property
    def adds(self) -> str:
        return signed(self.half_seen.amount)


class Sum(NamedTuple):
    """A line below that table: a cause of what the audit is off by, or the sum itself."""

    name: str
    amount: str


@dataclass(frozen=True)
class ReadingRow:
    """What the audit read on one account."""

    number: int
    #: "not read" if it left the account out.
    balance: str
    #: The transfer that wrote the balance, if one did.
    token: int | None
    #: "opening" if none did; "" if there is a token.
    instead_of_token: str
    #: The transfer that wrote the account next; None if there was none, or if it was not looked for.
    next_transfer: int | None = None


def half_seen_rows(half_seen: Sequence[HalfSeen], drawn: Sequence[HalfSeen], told: int | None) -> Folded[HalfSeenRow]:
    """At most MAX_ROWS of them; those that are drawn come first. `told` is the transfer whose order is told."""
    drawn_first = sorted(half_seen, key=lambda seen: seen not in drawn)
    return Folded.of([HalfSeenRow(seen, is_told=seen.transfer == told) for seen in drawn_first[:MAX_ROWS]])


def sums_of(audit: Audit, findings: Findings) -> list[Sum]:
    """What the audit is off by, in parts, and the sum last."""
    count = len(findings.half_seen)
    extent = f" ({MAX_ROWS:,} are listed)" if count > MAX_ROWS else ""
    sums = []
    if count:
        sums.append((f"seen on one account only: {count:,}{extent}", findings.half_seen_amount))
    if findings.lost_count:
        sums.append((f"updates lost by then: {findings.lost_count:,}", findings.lost))
    if findings.unread_accounts:
        sums.append((f"accounts that were not read: {len(findings.unread_accounts):,}", findings.unread))
    elif findings.unread:
        sums.append(("accounts that were not read", findings.unread))
    sums.append(("the audit is off by", audit.off_by or 0))
    return [Sum(name, signed(amount)) for name, amount in sums]


def reading_rows(audit: Audit, neighbourhood: Neighbourhood | None) -> Folded[ReadingRow]:
    """What it read: first the accounts that are drawn (none without a neighbourhood), then others, MAX_ROWS in all."""
    if neighbourhood is None:
        numbers, lane_rows = dict(audit.bank.accounts.values_list("pk", "number")), []
    else:
        numbers, lane_rows = neighbourhood.numbers, [_lane_row(lane, neighbourhood) for lane in neighbourhood.lanes]
    drawn_numbers = {row.number for row in lane_rows}
    others = (
        _row(numbers[account], reading.balance, reading.token)
        for account, reading in readings_of(audit).items()
        if account in numbers and numbers[account] not in drawn_numbers
    )
    return Folded.of([*lane_rows, *islice(others, MAX_ROWS - len(lane_rows))])


def _lane_row(lane: Lane, neighbourhood: Neighbourhood) -> ReadingRow:
    """One lane of the picture in words."""
    next_transfer = next((transfer for transfer in lane.unseen if transfer in neighbourhood.moves), None)
    return _row(lane.number, lane.balance, lane.seen[-1] if lane.seen else None, next_transfer)


def _row(number: int, balance: int | None, token: int | None, next_transfer: int | None = None) -> ReadingRow:
    if balance is None:
        return ReadingRow(number, "not read", None, "-", next_transfer)
    return ReadingRow(number, f"{balance:,}", token, "" if token else "opening", next_transfer)
