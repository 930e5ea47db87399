"""Reads the neighbourhood of an audit's cut: the accounts that matter and the few versions on either side of it.

The cost does not grow with the number of transfers that an account has seen: from each token, at most MAX_STEPS
versions are walked back.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import NamedTuple

from django.db import connection
from django.db.models import Q

from accounts.evidence import HalfSeen, Token
from accounts.models import Audit, Transfer
from accounts.reporting.charts.cut import Account, Lane, Leg, Move

MAX_LANES = 12
MAX_STEPS = 60

WALK_BACK = """
WITH RECURSIVE chain (account, tip, place, transfer) AS (
    SELECT account, tip, 0, tip FROM unnest(%s::bigint[], %s::bigint[]) AS tips (account, tip)
    UNION ALL
    SELECT account, tip, place + 1, CASE WHEN source_id = account THEN source_based_on ELSE target_based_on END
    FROM chain JOIN accounts_transfer ON id = transfer
    WHERE place + 1 < %s
)
SELECT account, tip, transfer FROM chain WHERE transfer IS NOT NULL ORDER BY place
"""


class Reading(NamedTuple):
    """What an audit read on one account."""

    #: None: it did not read this account.
    balance: int | None
    #: The transfer that wrote the balance; None: it was the account's opening.
    token: Token


NOT_READ = Reading(None, None)

Chains = Mapping[tuple[Account, Token], list[int]]


@dataclass(frozen=True)
class Neighbourhood:
    """What is drawn of an audit. Half-seen transfers name accounts by their numbers."""

    lanes: list[Lane]
    #: The transfers on the lanes, by their primary keys.
    moves: dict[int, Move]
    #: The half-seen transfers that are drawn.
    crossing: list[HalfSeen]
    #: Those for which there is no room.
    left_out: list[HalfSeen]
    #: The number of every account of the bank, by its primary key.
    numbers: dict[Account, int]


def readings_of(audit: Audit) -> dict[Account, Reading]:
    """What the audit read, by the accounts' primary keys; empty if it kept no readings."""
    return {account: Reading(balance, token) for account, balance, token in audit.readings or []}


def of_audit(audit: Audit, half_seen: Sequence[HalfSeen]) -> Neighbourhood:
    """The neighbourhood of an audit that kept its readings, and that saw these transfers half. Needs five queries.

    1. Choose the half-seen transfers that are drawn, and with them the accounts.
    2. Find the writes that come next on these accounts.
    3. Walk back from what was read, and from the writes that were not seen, to where they meet.
    """
    numbers = dict(audit.bank.accounts.order_by("number").values_list("pk", "number"))
    readings = readings_of(audit)
    moves = _moves((seen.transfer for seen in half_seen), numbers)
    crossing, accounts = _choose(half_seen, moves, numbers)
    tips = {account: readings.get(account, NOT_READ).token for account in accounts}
    legs = [_legs(moves[seen.transfer], seen) for seen in crossing]
    seen_legs, later = [leg for leg, _unseen in legs], [leg for _seen, leg in legs]
    later += [leg for leg in _following(audit, tips) if leg[0] in tips]
    chains = _walk_back([*tips.items(), *later])
    lanes = [
        Lane(
            account,
            numbers[account],
            readings.get(account, NOT_READ).balance,
            *_versions(account, tips[account], chains, older=seen_legs, later=later),
        )
        for account in accounts
    ]
    on_lanes = {transfer for lane in lanes for transfer in (*lane.seen, *lane.unseen)}
    return Neighbourhood(
        lanes=lanes,
        moves=moves | _moves(on_lanes - moves.keys(), numbers),
        crossing=crossing,
        left_out=[seen for seen in half_seen if seen not in crossing],
        numbers=numbers,
    )


def _choose(
    half_seen: Iterable[HalfSeen], moves: Mapping[int, Move], numbers: Mapping[Account, int]
) -> tuple[list[HalfSeen], list[Account]]:
    """As many half-seen transfers as have room, the largest first; then other accounts, if there is room for lanes."""
    choice: list[HalfSeen] = []
    accounts: dict[Account, None] = {}
    for seen in sorted(half_seen, key=lambda seen: -seen.moved):
        move = moves[seen.transfer]
        lane_accounts = accounts | dict.fromkeys((move.source, move.target))
        if len(lane_accounts) <= MAX_LANES and len(choice) < MAX_LANES:
            choice.append(seen)
            accounts = lane_accounts
    room = MAX_LANES - len(accounts)
    others = [account for account in numbers if account not in accounts]
    if len(others) <= room or not accounts:
        accounts |= dict.fromkeys(others[:room])
    return choice, sorted(accounts, key=numbers.__getitem__)


def _legs(move: Move, seen: HalfSeen) -> tuple[Leg, Leg]:
    """The write that the audit saw, and the one that it did not see."""
    source, target = (move.source, move.transfer), (move.target, move.transfer)
    return (source, target) if seen.seen_on == move.source_number else (target, source)


def _versions(
    account: Account, tip: Token, chains: Chains, *, older: Iterable[Leg], later: Iterable[Leg]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The versions of an account before the cut and after it, each in their order; chains come newest first.

    `older` legs were seen too, further back than the chain of the tip reaches. From each later leg, its chain counts
    back to where it meets what was seen. Legs that replaced the same version (all but one are lost) come one after the
    other, the shortest chain first.
    """
    chain = chains.get((account, tip), [])
    further_back = (transfer for own, transfer in older if own == account and transfer not in chain)
    seen_versions = [*further_back, *reversed(chain)]
    contained = set(seen_versions)
    own_chains = [chains[leg] for leg in dict.fromkeys(later) if leg[0] == account]
    branches = [list(takewhile(lambda transfer: transfer not in contained, branch)) for branch in own_chains]
    unseen = (transfer for branch in sorted(branches, key=len) for transfer in reversed(branch))
    return tuple(seen_versions), tuple(dict.fromkeys(unseen))


def _walk_back(tips: Iterable[tuple[Account, Token]]) -> Chains:
    """For each tip (an account, the transfer that wrote a version of it): that one and those before, newest first."""
    chains: dict[tuple[Account, Token], list[int]] = {}
    writes = {tip for tip in tips if tip[1] is not None}
    accounts, transfers = [account for account, _ in writes], [transfer for _, transfer in writes]
    with connection.cursor() as cursor:
        cursor.execute(WALK_BACK, [accounts, transfers, MAX_STEPS])
        for account, tip, transfer in cursor.fetchall():
            chains.setdefault((account, tip), []).append(transfer)
    return chains


def _following(audit: Audit, tips: Mapping[Account, Token]) -> list[Leg]:
    """The writes of the transfers that come next: that were based on a version that the audit read."""
    is_next = Q()
    for side in ("source", "target"):
        for account, token in tips.items():
            is_next |= Q((f"{side}_id", account), (f"{side}_based_on", token))
    rows = audit.bank.transfers.filter(is_next, status=Transfer.Status.APPLIED).order_by("pk")
    return [
        (account, transfer)
        for transfer, *accounts in rows.values_list("pk", "source_id", "target_id")[: 4 * MAX_LANES]
        for account in accounts
    ]


def _moves(transfers: Iterable[int], numbers: Mapping[Account, int]) -> dict[int, Move]:
    rows = Transfer.objects.filter(pk__in=list(transfers)).values_list("pk", "source_id", "target_id", "amount")
    return {
        pk: Move(pk, source, target, amount, numbers[source], numbers[target])
        for pk, source, target, amount in rows
        if source in numbers and target in numbers
    }
