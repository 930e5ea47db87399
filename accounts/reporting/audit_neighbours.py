"""Reads the neighbourhood of an audit's cut: the accounts that matter and the few versions on either side of it.

The cost does not grow with the number of transfers that an account has seen: from each token, at most MOST_STEPS
versions are walked back.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from django.db import connection
from django.db.models import Q

from accounts.models import Audit, Transfer
from accounts.reporting.charts.cut import Account, Lane, Leg, Move

MOST_LANES = 12
MOST_STEPS = 60

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


@dataclass(frozen=True)
class Neighbourhood:
    """What is drawn of an audit: its lanes, the transfers on them, and the half-seen ones with their signed amounts."""

    lanes: list[Lane]
    moves: dict[int, Move]
    crossing: dict[int, int]
    left_out: list[dict[str, Any]]  # half-seen transfers for which there is no room
    numbers: dict[Account, int]  # of every account of the bank


def of_audit(audit: Audit) -> Neighbourhood:
    """The neighbourhood of an audit that kept its readings. Needs five queries."""
    numbers = dict(audit.bank.accounts.order_by("number").values_list("pk", "number"))
    readings = {account: (balance, token) for account, balance, token in audit.readings}
    half_seen = (audit.explanation or {}).get("half_seen", [])
    moves = _moves((seen["transfer"] for seen in half_seen), numbers)
    chosen, accounts = _choose([seen for seen in half_seen if seen["transfer"] in moves], moves, numbers)
    tokens = {account: readings.get(account, (None, None))[1] for account in accounts}
    sides = [_sides(moves[seen["transfer"]], seen) for seen in chosen]
    following = [leg for leg in _following(audit, tokens) if leg[0] in tokens]
    later = [unseen for _seen, unseen in sides] + following
    chains = _walk_back([*tokens.items(), *later])
    lanes = [
        Lane(
            account,
            numbers[account],
            readings.get(account, (None, None))[0],
            *_versions(
                chains.get((account, tokens[account]), []),
                older=[transfer for (seen_on, transfer), _ in sides if seen_on == account],
                later=[chains[leg] for leg in dict.fromkeys(later) if leg[0] == account],
            ),
        )
        for account in accounts
    ]
    shown = {transfer for lane in lanes for transfer in (*lane.seen, *lane.unseen)}
    return Neighbourhood(
        lanes,
        moves | _moves(shown - moves.keys(), numbers),
        {seen["transfer"]: seen["amount"] for seen in chosen},
        [seen for seen in half_seen if seen not in chosen],
        numbers,
    )


def _choose(
    half_seen: list[dict[str, Any]], moves: dict[int, Move], numbers: dict[Account, int]
) -> tuple[list[dict[str, Any]], list[Account]]:
    """As many half-seen transfers as have room, the largest first; then other accounts, if there is room for lanes."""
    chosen, accounts = [], {}
    for seen in sorted(half_seen, key=lambda seen: -abs(seen["amount"])):
        move = moves[seen["transfer"]]
        wanted = accounts | dict.fromkeys((move.source, move.target))
        if len(wanted) <= MOST_LANES and len(chosen) < MOST_LANES:
            chosen.append(seen)
            accounts = wanted
    room = MOST_LANES - len(accounts)
    others = [account for account in numbers if account not in accounts]
    if len(others) <= room or not accounts:
        accounts |= dict.fromkeys(others[:room])
    return chosen, sorted(accounts, key=numbers.get)


def _sides(move: Move, seen: dict[str, Any]) -> tuple[Leg, Leg]:
    """The write that the audit saw, and the one that it did not."""
    source, target = (move.source, move.transfer), (move.target, move.transfer)
    return (source, target) if seen["seen_on"] == move.source_number else (target, source)


def _versions(
    chain: list[int], *, older: Iterable[int], later: Iterable[list[int]]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The versions of an account before the cut and after it, each in their order; chains come newest first.

    `older` were seen too, further back than the chain reaches. Each later chain counts back to where it meets what was
    seen; those that replaced the same version (all but one are lost) come one after the other, the shortest first.
    """
    seen = [*(transfer for transfer in older if transfer not in chain), *reversed(chain)]
    contained = set(seen)
    branches = [list(takewhile(lambda transfer: transfer not in contained, branch)) for branch in later]
    unseen = (transfer for branch in sorted(branches, key=len) for transfer in reversed(branch))
    return tuple(seen), tuple(dict.fromkeys(unseen))


def _walk_back(tips: Iterable[tuple[Account, int | None]]) -> dict[tuple[Account, int | None], list[int]]:
    """For each tip (an account, the transfer that wrote a version of it): that one and those before, newest first."""
    chains: dict[tuple[Account, int | None], list[int]] = {}
    wanted = {tip for tip in tips if tip[1] is not None}
    accounts, transfers = [account for account, _ in wanted], [transfer for _, transfer in wanted]
    with connection.cursor() as cursor:
        cursor.execute(WALK_BACK, [accounts, transfers, MOST_STEPS])
        for account, tip, transfer in cursor.fetchall():
            chains.setdefault((account, tip), []).append(transfer)
    return chains


def _following(audit: Audit, tokens: dict[Account, int | None]) -> list[Leg]:
    """The writes of the transfers that come next: that were based on a version that the audit read."""
    is_next = Q()
    for side in ("source", "target"):
        for account, token in tokens.items():
            is_next |= Q(**{f"{side}_id": account, f"{side}_based_on": token})
    rows = audit.bank.transfers.filter(is_next, status=Transfer.Status.APPLIED).order_by("pk")
    return [
        (account, transfer)
        for transfer, *accounts in rows.values_list("pk", "source_id", "target_id")[: 4 * MOST_LANES]
        for account in accounts
    ]


def _moves(transfers: Iterable[int], numbers: dict[Account, int]) -> dict[int, Move]:
    rows = Transfer.objects.filter(pk__in=list(transfers)).values_list("pk", "source_id", "target_id", "amount")
    return {row[0]: Move(*row, numbers[row[1]], numbers[row[2]]) for row in rows if row[1] in numbers}
