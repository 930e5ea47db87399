"""Pure: one half-seen transfer, told as a timeline of three rows, and as a small scenario for the explorer."""

from collections.abc import Mapping
from typing import NamedTuple

from accounts.reporting.charts.cut import Move


class Row(NamedTuple):
    """One moment: what the audit did, and what the transfer did."""

    audit: str
    transfer: str


def retell(move: Move, *, seen_on: int, balances: Mapping[int, int | None], transactional: bool) -> list[Row]:
    """The order of events that the two readings prove. `seen_on` and the keys of `balances` are account numbers.

    A transfer that is one transaction happens at one moment; of any other, each write is a moment of its own.
    """
    unseen_on = move.target_number if seen_on == move.source_number else move.source_number
    before = f"reads account {unseen_on}{_found(balances.get(unseen_on))}, before the transfer"
    after = f"reads account {seen_on}{_found(balances.get(seen_on))}, after the transfer"
    if transactional:
        what = f"moves {move.amount:,} from {move.source_number} to {move.target_number}"
        return [Row(before, ""), Row("", what), Row(after, "")]
    writes = {move.source_number: f"takes {move.amount:,}", move.target_number: f"puts {move.amount:,}"}
    words = {
        number: f"{what} {'from' if number == move.source_number else 'on'} account {number}"
        for number, what in writes.items()
    }
    return [Row("", words[seen_on]), Row(f"{after}; {before}", ""), Row("", words[unseen_on])]


def _found(balance: int | None) -> str:
    return "" if balance is None else f": {balance:,}"


def as_scenario(move: Move, *, opening: tuple[int, ...]) -> str:
    """The transfer as the explorer takes it, between its accounts 1 and 2: "1>2:40".

    Which of the two an audit comes to first is kept; an amount that these accounts do not hold is made smaller.
    """
    source, target = (1, 2) if move.source_number < move.target_number else (2, 1)
    return f"{source}>{target}:{min(move.amount, opening[source - 1])}"
