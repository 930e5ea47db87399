"""Where each write stands from left to right: every lane in its own order, and only what lies next to the cut."""

from collections import deque
from collections.abc import Collection, Sequence

from accounts.reporting.charts.cut.lanes import Account, Lane, Leg

UNSEEN_BESIDE = 1  # how many versions of each lane are drawn after the cut
FEW_LANES = 6  # of more, one version less is drawn before it: the cut should be in sight without scrolling


def arrange(lanes: Sequence[Lane], crossing: Collection[int]) -> dict[Leg, int]:
    """The place of each write that is drawn: 0 is leftmost, and no place has two writes of one lane.

    Columns that follow each other share a place if their arrows do not meet.
    """
    drawn = _chosen(lanes, crossing)
    row_of = {lane.account: row for row, lane in enumerate(lanes)}
    places: dict[Leg, int] = {}
    place = 0
    occupied: set[int] = set()
    for column in in_order(lanes):
        if column[0][1] not in drawn:
            continue
        rows = [row_of[account] for account, _transfer in column]
        crossed = set(range(min(rows), max(rows) + 1))
        if crossed & occupied:
            place, occupied = place + 1, set()
        occupied |= crossed
        places |= dict.fromkeys(column, place)
    return places


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


def _chosen(lanes: Sequence[Lane], crossing: Collection[int]) -> set[int]:
    """The transfers to be drawn: those that cross, and on each lane the nearest before and after the cut.

    Of the others, none that would cross the line: it was lost, or there is no room for it. What crosses adds up.
    """
    seen_beside = 2 if len(lanes) <= FEW_LANES else 1
    beside = (transfer for lane in lanes for transfer in (*lane.seen[-seen_beside:], *lane.unseen[:UNSEEN_BESIDE]))
    seen = {transfer for lane in lanes for transfer in lane.seen}
    unseen = {transfer for lane in lanes for transfer in lane.unseen}
    return {*crossing, *(set(beside) - (seen & unseen))}
