"""Pure: the picture of an audit as a cut through the history. Who wrote what after what in, the geometry out.

Each account is a lane, and each transfer an arrow between two lanes. From left to right, every lane shows its versions
in the order in which they replaced each other, as the tokens say; no clock is asked. The audit's readings are joined by
a line, the cut: left of it is what the audit saw. An arrow that crosses it was seen on one account only.
"""

from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

LANE_HEIGHT, COLUMN_WIDTH = 46, 50
LEFT, TOP = 128, 26
SEEN_BESIDE, UNSEEN_BESIDE = 2, 1  # how many versions of each lane are drawn before the cut, and after it

Account = int
Leg = tuple[Account, int]  # a transfer's write to an account


class Lane(NamedTuple):
    """One account: its versions up to the one that the audit read (the last of `seen`), and those after it."""

    account: Account
    number: int
    balance: int | None  # what the audit read; None: it did not read this account
    seen: tuple[int, ...]
    unseen: tuple[int, ...]


class Move(NamedTuple):
    """A transfer: what it moved between which accounts, by their keys and by their numbers."""

    transfer: int
    source: Account
    target: Account
    amount: int
    source_number: int
    target_number: int


class Arrow(NamedTuple):
    """One transfer in the picture; its ends are at the same x, unless the two accounts disagree about the order."""

    move: Move
    kind: str  # crossing, seen, or later
    x1: float
    y1: float
    x2: float
    y2: float
    label: str
    label_x: float
    label_y: float


class Stub(NamedTuple):
    """One write of a transfer whose other account has no lane, or does not show it."""

    move: Move
    kind: str
    x: float
    y: float
    label: str
    label_y: float


class LaneLine(NamedTuple):
    """One lane: where it lies, and where the audit read it (None: it did not)."""

    lane: Lane
    y: float
    cut_x: float | None
    gaps: list[float]  # where versions are not drawn


class Picture(NamedTuple):
    """Everything that the template draws."""

    width: float
    height: float
    right: float
    lanes: list[LaneLine]
    arrows: list[Arrow]
    stubs: list[Stub]
    cut: str  # the points of the line


def draw(lanes: Sequence[Lane], moves: Mapping[int, Move], crossing: Mapping[int, int]) -> Picture:
    """The picture of these lanes. `crossing` are the half-seen transfers to be drawn, each with its signed amount."""
    drawn = _chosen(lanes, crossing)
    columns = [column for column in in_order(lanes) if column[0][1] in drawn]
    x_of = {leg: LEFT + (place + 1) * COLUMN_WIDTH for place, column in enumerate(columns) for leg in column}
    y_of = {lane.account: TOP + place * LANE_HEIGHT for place, lane in enumerate(lanes)}
    right = LEFT + (len(columns) + 1) * COLUMN_WIDTH
    lines = _lane_lines(lanes, x_of, y_of, right=right)
    seen = {(lane.account, transfer) for lane in lanes for transfer in lane.seen}
    arrows, stubs = [], []
    for transfer in sorted(drawn & moves.keys()):
        move = moves[transfer]
        ends = [(account, transfer) for account in (move.source, move.target) if (account, transfer) in x_of]
        kind = "crossing" if transfer in crossing else "seen" if all(leg in seen for leg in ends) else "later"
        if len(ends) == 2:
            arrows.append(_arrow(move, kind, x_of, y_of, crossing))
        else:
            stubs += [_stub(move, kind, x_of[leg], y_of[leg[0]], leg[0]) for leg in ends]
    cut = " ".join(f"{line.cut_x},{y}" for line in lines if line.cut_x is not None for y in _span(line.y))
    return Picture(right + 30, TOP + len(lanes) * LANE_HEIGHT, right, lines, arrows, stubs, cut)


def in_order(lanes: Sequence[Lane]) -> list[list[Leg]]:
    """Columns of writes, so that every lane reads from left to right in its own order; what was seen comes first.

    A column is one transfer, with all its writes. Where the lanes contradict each other (one account saw X before Y,
    another one Y before X: somebody held no lock), there is no such order, and one transfer's writes get a column each.
    """
    waiting = {lane.account: deque((*lane.seen, *lane.unseen)) for lane in lanes}
    seen = {(lane.account, transfer) for lane in lanes for transfer in lane.seen}
    homes: dict[int, set[Account]] = {}
    for account, transfers in waiting.items():
        for transfer in transfers:
            homes.setdefault(transfer, set()).add(account)

    def at_head(transfer: int) -> set[Account]:
        return {account for account in homes[transfer] if waiting[account][0] == transfer}

    def rank(transfer: int) -> tuple[bool, bool, int]:
        """Ready ones first; of these, those that were seen; of these, the oldest."""
        ready = at_head(transfer)
        return ready != homes[transfer], any((account, transfer) not in seen for account in ready), transfer

    columns = []
    while heads := {transfers[0] for transfers in waiting.values() if transfers}:
        transfer = min(heads, key=rank)
        column = sorted(at_head(transfer))
        for account in column:
            waiting[account].popleft()
            homes[transfer].discard(account)
        columns.append([(account, transfer) for account in column])
    return columns


def _chosen(lanes: Iterable[Lane], crossing: Collection[int]) -> set[int]:
    """The transfers to be drawn: those that cross, and on each lane the nearest before and after the cut.

    Of the others, none that would cross the line: it was lost, or there is no room for it. What crosses adds up.
    """
    beside = (transfer for lane in lanes for transfer in (*lane.seen[-SEEN_BESIDE:], *lane.unseen[:UNSEEN_BESIDE]))
    seen = {transfer for lane in lanes for transfer in lane.seen}
    unseen = {transfer for lane in lanes for transfer in lane.unseen}
    return {*crossing, *(set(beside) - (seen & unseen))}


def _lane_lines(
    lanes: Sequence[Lane], x_of: Mapping[Leg, float], y_of: Mapping[Account, float], *, right: float
) -> list[LaneLine]:
    """The cut runs as straight as the lanes allow: each bends it only as far as its own readings ask for."""
    limits = []
    for lane in lanes:
        before = [x_of[lane.account, transfer] for transfer in lane.seen if (lane.account, transfer) in x_of]
        after = [x_of[lane.account, transfer] for transfer in lane.unseen if (lane.account, transfer) in x_of]
        limits.append((max(before, default=LEFT), min(after, default=right)))
    middle = sorted((low + high) / 2 for low, high in limits)[len(limits) // 2] if limits else 0
    half = COLUMN_WIDTH / 2
    return [
        LaneLine(
            lane,
            y_of[lane.account],
            None if lane.balance is None else min(max(middle, low + half), high - half),
            _gaps(lane, x_of),
        )
        for lane, (low, high) in zip(lanes, limits, strict=True)
    ]


def _gaps(lane: Lane, x_of: Mapping[Leg, float]) -> list[float]:
    """Between two versions that are drawn, while some between them are not."""
    places = [
        (place, x_of[lane.account, transfer])
        for place, transfer in enumerate((*lane.seen, *lane.unseen))
        if (lane.account, transfer) in x_of
    ]
    return [(x + next_x) / 2 for (place, x), (next_place, next_x) in pairwise(places) if next_place > place + 1]


def _span(y: float) -> tuple[float, float]:
    """The cut stays at its x for a little above and below the lane, so that arrows cross it between lanes."""
    return y - LANE_HEIGHT / 6, y + LANE_HEIGHT / 6


def _arrow(
    move: Move, kind: str, x_of: Mapping[Leg, float], y_of: Mapping[Account, float], crossing: Mapping[int, int]
) -> Arrow:
    x1, x2 = x_of[move.source, move.transfer], x_of[move.target, move.transfer]
    y1, y2 = y_of[move.source], y_of[move.target]
    label = f"{crossing[move.transfer]:+,}" if kind == "crossing" else f"{move.amount:,}"
    # Beside the arrow's first half-lane, where lanes' own lines do not run.
    down = 1 if y2 > y1 else -1
    return Arrow(move, kind, x1, y1, x2, y2 - down * 4, label, x1 + 5, y1 + down * LANE_HEIGHT / 2 + 4)


def _stub(move: Move, kind: str, x: float, y: float, account: Account) -> Stub:
    is_source = account == move.source
    other = f"to {move.target_number}" if is_source else f"from {move.source_number}"
    is_odd = (x - LEFT) // COLUMN_WIDTH % 2  # above and below in turn: neighbours have room
    return Stub(move, kind, x, y, f"{move.amount:,} {other}", y + (14 if is_odd else -7))
