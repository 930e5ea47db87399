"""Reads the neighbourhood of an audit's cut: the accounts that matter and the few versions on either side of it.

The cost does not grow with the number of transfers that an account has seen: from each token, at most MOST_STEPS
versions are walked back.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Q

from accounts.cuts import Account, Lane, Move
from accounts.models import Audit, Transfer

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
    account_count: int


def of_audit(audit: Audit) -> Neighbourhood:
    """The neighbourhood of an audit that kept its readings. Needs five queries."""
    numbers = dict(audit.bank.accounts.order_by("number").values_list("pk", "number"))
    readings = {account: (balance, token) for account, balance, token in audit.readings}
    tokens = {account: readings.get(account, (None, None))[1] for account in numbers}
    half_seen = (audit.explanation or {}).get("half_seen", [])
    moves = _moves((seen["transfer"] for seen in half_seen), numbers)
    chosen, accounts = _choose([seen for seen in half_seen if seen["transfer"] in moves], moves, numbers)
    ends = {seen["transfer"]: _ends(moves[seen["transfer"]], seen) for seen in chosen}
    following = _following(audit, {account: tokens[account] for account in accounts})
    tips = [(account, tokens[account]) for account in accounts if tokens[account] is not None]
    tips += [(unseen, transfer) for transfer, (_seen, unseen) in ends.items()]
    chains = _walk_back(tips)
    lanes = []
    for account in accounts:
        seen = chains.get((account, tokens[account]), [])
        older = [transfer for transfer, (seen_on, _) in ends.items() if seen_on == account and transfer not in seen]
        after = [chains.get((account, transfer), []) for transfer, (_, unseen) in ends.items() if unseen == account]
        after += [[transfer] for transfer in following.get(account, [])]
        lanes.append(
            Lane(
                account,
                numbers[account],
                readings.get(account, (None, None))[0],
                (*older, *reversed(seen)),
                _unseen(after, contained={*older, *seen}),
            )
        )
    shown = {transfer for lane in lanes for transfer in (*lane.seen, *lane.unseen)}
    return Neighbourhood(
        lanes,
        moves | _moves(shown - moves.keys(), numbers),
        {seen["transfer"]: seen["amount"] for seen in chosen},
        [seen for seen in half_seen if seen not in chosen],
        len(numbers),
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


def _ends(move: Move, seen: dict[str, Any]) -> tuple[Account, Account]:
    """The account on which it was seen, and the one on which it was not."""
    on_source = seen["seen_on"] == move.source_number
    return (move.source, move.target) if on_source else (move.target, move.source)


def _unseen(chains: Iterable[list[int]], *, contained: set[int]) -> tuple[int, ...]:
    """Versions after the cut, in their order: each chain back to where it left what the reading contains."""
    unseen: dict[int, None] = {}
    for chain in chains:
        branch = []
        for transfer in chain:
            if transfer in contained or transfer in unseen:
                break
            branch.append(transfer)
        unseen |= dict.fromkeys(reversed(branch))
    return tuple(unseen)


def _walk_back(tips: list[tuple[Account, int]]) -> dict[tuple[Account, int], list[int]]:
    """For each tip (an account, the transfer that wrote a version of it): that one and those before, newest first."""
    chains: dict[tuple[Account, int], list[int]] = {}
    with connection.cursor() as cursor:
        accounts, transfers = [list(column) for column in zip(*tips, strict=True)] if tips else ([], [])
        cursor.execute(WALK_BACK, [accounts, transfers, MOST_STEPS])
        for account, tip, transfer in cursor.fetchall():
            chains.setdefault((account, tip), []).append(transfer)
    return chains


def _following(audit: Audit, tokens: dict[Account, int | None]) -> dict[Account, list[int]]:
    """For each account, the transfers that were based on the version that the audit read: the next ones."""
    applied = audit.bank.transfers.filter(status=Transfer.Status.APPLIED)
    wanted = Q()
    for side in ("source", "target"):
        for account, token in tokens.items():
            wanted |= Q(**{f"{side}_id": account, f"{side}_based_on": token})
    following: dict[Account, list[int]] = {}
    for pk, source, target, on_source, on_target in (
        applied.filter(wanted)
        .order_by("pk")
        .values_list("pk", "source_id", "target_id", "source_based_on", "target_based_on")[: 4 * MOST_LANES]
    ):
        for account, base in ((source, on_source), (target, on_target)):
            if account in tokens and tokens[account] == base:
                following.setdefault(account, []).append(pk)
    return following


def _moves(transfers: Iterable[int], numbers: dict[Account, int]) -> dict[int, Move]:
    rows = Transfer.objects.filter(pk__in=list(transfers)).values_list("pk", "source_id", "target_id", "amount")
    return {row[0]: Move(*row, numbers[row[1]], numbers[row[2]]) for row in rows if row[1] in numbers}
