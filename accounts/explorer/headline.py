"""Pure: what is said first of an exploration, wherever that is: the worst that was found, and how much that proves."""

from collections.abc import Sequence
from typing import NamedTuple

from accounts.explorer.plan import parse_orders
from accounts.explorer.report import ExplorationReport
from accounts.explorer.tally import WORST_FIRST
from accounts.models.opening import Order, opening_balances

PROOF = "These are all possible orders: this is a proof."
ALL = "These are all possible orders."


class Headline(NamedTuple):
    """The first sentences. `kind` is "bad", "good" (all is proved right), or "" (neither is known)."""

    text: str
    kind: str
    extent: str


def headline(report: ExplorationReport, *, is_live: bool = False) -> Headline:
    """What is said of an exploration's report; `is_live`: it goes on.

    1. Without a transfer that can be applied, nothing was tested, whatever was counted as right.
    2. Else the worst that was found is the headline.
    3. Without an audit, or with audits whose judgement is unknown, nothing is said to be right.
    4. "0 are torn" is good if these are all orders; else it is only what was found so far.
    """
    worst = next((name for name in WORST_FIRST if report.counts.get(name)), None)
    orders = parse_orders(report.transfers)
    if worst is None and not _can_be_applied(orders, report.accounts):
        return Headline("Nothing was tested: no transfer can be applied.", "", _why_nothing_moves(orders))
    run_count = report.run if report.about else report.schedules
    if worst is not None:
        return Headline(
            f"{_count(report.counts[worst], run_count, worst)}.", "bad", _extent(report, ALL, is_live=is_live)
        )
    if not report.audits:
        text, proof = f"{_count(0, run_count, 'lost_updates')}. No audit took part.", ALL
    elif report.counts.get("torn_unknown"):
        text, proof = "Every total is right, but an audit kept only its sum: whether it is torn is unknown.", ALL
    else:
        text, proof = f"{_count(0, run_count, 'torn')}.", PROOF
    kind = "good" if proof is PROOF and report.exhaustive else ""
    return Headline(text, kind, _extent(report, proof, is_live=is_live))


def _can_be_applied(orders: Sequence[Order], account_count: int) -> bool:
    """Whether some schedule applies some transfer: the first one that is applied finds the opening balance."""
    balances = opening_balances(account_count)
    return any(order.amount <= balances[order.source - 1] for order in orders)


def _why_nothing_moves(orders: Sequence[Order]) -> str:
    if not orders:
        return "Add a transfer, such as 1>2:30."
    return "Each asks for more than its account holds: choose smaller amounts."


def _count(count: int, run_count: int, name: str) -> str:
    singular, plural = WORST_FIRST[name]
    return f"{count:,} of {run_count:,} schedules {singular if count == 1 else plural}"


def _extent(report: ExplorationReport, proof: str, *, is_live: bool) -> str:
    """How many of all possible orders these are."""
    if report.exhaustive:
        return proof
    if report.unmet:
        return f"The database never chose {report.unmet[0]!r}: that order was not run."
    if report.about:
        return (
            f"They were drawn at random from about {report.about:,}. "
            "These numbers do not say how often this happens on real workers."
        )
    return "So far: more are being run." if is_live else "There are more schedules, which were not run."
