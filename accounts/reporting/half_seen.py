"""Pure: one half-seen transfer, told as a timeline of three rows, and as a small scenario for the explorer."""

from collections.abc import Mapping
from typing import NamedTuple

from accounts.evidence import HalfSeen


class Moment(NamedTuple):
    """One row of the timeline: what the audit did, and what the transfer did; "" is nothing."""

    audit: str
    transfer: str


def retell(half_seen: HalfSeen, *, balances: Mapping[int, int | None], transactional: bool) -> list[Moment]:
    """The order of events that the two readings prove. Accounts, also those of the balances, are numbers.

    A transfer that is one transaction happens at one moment; of any other, each write is a moment of its own.
    """
    seen, not_seen = half_seen.seen_on, half_seen.not_seen_on
    before = f"reads account {not_seen}{_balance(balances.get(not_seen))}, before the transfer"
    after = f"reads account {seen}{_balance(balances.get(seen))}, after the transfer"
    if transactional:
        what = f"moves {half_seen.moved:,} from {half_seen.source} to {half_seen.target}"
        return [Moment(before, ""), Moment("", what), Moment(after, "")]
    writes = {
        half_seen.source: f"takes {half_seen.moved:,} from account {half_seen.source}",
        half_seen.target: f"puts {half_seen.moved:,} on account {half_seen.target}",
    }
    return [Moment("", writes[seen]), Moment(f"{after}; {before}", ""), Moment("", writes[not_seen])]


def _balance(balance: int | None) -> str:
    return "" if balance is None else f": {balance:,}"


def as_scenario(half_seen: HalfSeen, *, opening: tuple[int, ...]) -> str:
    """The transfer as the explorer takes it, between its accounts 1 and 2: "1>2:40".

    Which of the two an audit comes to first is kept; an amount that these accounts do not hold is made smaller.
    """
    source, target = (1, 2) if half_seen.source < half_seen.target else (2, 1)
    return f"{source}>{target}:{min(half_seen.moved, opening[source - 1])}"
