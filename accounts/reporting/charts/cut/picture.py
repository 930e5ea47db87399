"""The geometry of a cut: lanes, arrows, labels, and the line that no arrow touches without crossing it."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from accounts.evidence import HalfSeen
from accounts.reporting.charts.cut.lanes import Account, Lane, Leg, Move
from accounts.reporting.charts.cut.order import arrange

LANE_HEIGHT, COLUMN_WIDTH = 48, 50
LEFT, TOP = 128, 26
STRAIGHT = LANE_HEIGHT / 3  # so far above and below a lane, the cut does not bend: labels have room there

Point = tuple[float, float]


class Label(NamedTuple):
    """Text beside an arrow or a stub, on the side away from the cut."""

    text: str
    x: float
    y: float
    #: SVG's text-anchor: start or end.
    anchor: str


class Arrow(NamedTuple):
    """One transfer in the picture; its ends are at the same x, unless the two accounts disagree about the order."""

    move: Move
    #: A CSS class: crossing, seen (on both sides), or later (on neither).
    kind: str
    x1: float
    y1: float
    x2: float
    y2: float
    label: Label


class Stub(NamedTuple):
    """One write of a transfer that is not drawn as an arrow, with words that say where its other write is."""

    move: Move
    kind: str
    x: float
    y: float
    label: Label


class LaneLine(NamedTuple):
    """One lane: where it lies, and where the cut passes it. An account that was not read: left of all its versions."""

    lane: Lane
    y: float
    cut_x: float
    #: Where versions are not drawn.
    gaps: list[float]

    @property
    def is_read(self) -> bool:
        return self.lane.balance is not None

    @property
    def reading(self) -> str:
        return "not read" if self.lane.balance is None else f"read {self.lane.balance:,}"


class Picture(NamedTuple):
    """Everything that the template draws. Places are SVG's user units."""

    width: float
    height: float
    #: Where the lanes end.
    right: float
    lanes: list[LaneLine]
    arrows: list[Arrow]
    stubs: list[Stub]
    #: The points of the line, as SVG's polyline takes them.
    cut: str

    @property
    def kinds(self) -> set[str]:
        """The kinds of the arrows that are drawn."""
        return {arrow.kind for arrow in self.arrows}


def draw(lanes: Sequence[Lane], moves: Mapping[int, Move], half_seen: Iterable[HalfSeen]) -> Picture:
    """The picture of these lanes, with these half-seen transfers.

    Exactly their arrows cross the cut, and no other arrow touches it: a transfer whose arrow would leave one side and
    come back to it (the cut bends around what lies between) is drawn as two stubs.
    """
    crossing = {seen.transfer: seen.amount for seen in half_seen}
    places = arrange(lanes, crossing)
    lines = _lane_lines(lanes, places)
    cut = [(line.cut_x, y) for line in lines for y in (line.y - STRAIGHT, line.y + STRAIGHT)]
    arrows, stubs = [], []
    for transfer in sorted({transfer for _account, transfer in places} & moves.keys()):
        move = moves[transfer]
        ends = _ends(move, lines, places)
        kind = "crossing" if transfer in crossing else "seen" if ends[0].is_left_of_cut else "later"
        arrow = _arrow(move, kind, ends[0], ends[1], crossing.get(transfer)) if len(ends) == 2 else None
        if arrow and (kind == "crossing" or _is_beside(arrow, cut)):
            arrows.append(arrow)
        else:
            stubs += [_stub(move, kind, end, places) for end in ends]
    right = _x(max(places.values(), default=-1) + 1)
    points = " ".join(f"{x},{y}" for x, y in cut)
    return Picture(right + 30, TOP + len(lanes) * LANE_HEIGHT, right, lines, arrows, stubs, points)


def _x(place: float) -> float:
    return LEFT + (place + 1) * COLUMN_WIDTH


def _lane_lines(lanes: Sequence[Lane], places: Mapping[Leg, int]) -> list[LaneLine]:
    """The cut runs as straight as the lanes allow: each bends it only as far as its own readings ask for.

    It passes every lane between two places, never at one: if it lay on an arrow, one could not see on which side the
    transfer is.
    """
    count = max(places.values(), default=-1) + 1
    limits = []
    for lane in lanes:
        before = [place + 1 for place in _places_on(lane.account, lane.seen, places)]
        after = _places_on(lane.account, lane.unseen, places)
        limits.append((max(before, default=0), min(after, default=count)))
    middle = sorted(low + high for low, high in limits)[len(limits) // 2] // 2 if limits else 0
    return [
        LaneLine(lane, TOP + row * LANE_HEIGHT, _x(min(max(middle, low), high) - 0.5), _gaps(lane, places))
        for row, (lane, (low, high)) in enumerate(zip(lanes, limits, strict=True))
    ]


def _places_on(account: Account, transfers: Iterable[int], places: Mapping[Leg, int]) -> list[int]:
    """Where those of the transfers stand that are drawn on this account."""
    return [places[account, transfer] for transfer in transfers if (account, transfer) in places]


def _gaps(lane: Lane, places: Mapping[Leg, int]) -> list[float]:
    """Between two versions that are drawn, while some between them are not."""
    drawn = [
        (number, _x(places[lane.account, transfer]))
        for number, transfer in enumerate((*lane.seen, *lane.unseen))
        if (lane.account, transfer) in places
    ]
    return [(x + next_x) / 2 for (number, x), (next_number, next_x) in pairwise(drawn) if next_number > number + 1]


class _End(NamedTuple):
    """Where a transfer's write is drawn on a lane."""

    line: LaneLine
    x: float

    @property
    def is_left_of_cut(self) -> bool:
        return self.x < self.line.cut_x

    def label(self, text: str, *, is_below: bool) -> Label:
        """Text below or above the lane, where the cut does not bend, and on the side away from it."""
        x, anchor = (self.x - 7, "end") if self.is_left_of_cut else (self.x + 7, "start")  # clear of an arrow's tip
        return Label(text, x, self.line.y + (15 if is_below else -5), anchor)


def _ends(move: Move, lines: Sequence[LaneLine], places: Mapping[Leg, int]) -> list[_End]:
    """The writes of a transfer's two that are drawn, the source first."""
    line_of = {line.lane.account: line for line in lines}
    legs = [(account, move.transfer) for account in (move.source, move.target)]
    return [_End(line_of[leg[0]], _x(places[leg])) for leg in legs if leg in places]


def _arrow(move: Move, kind: str, source: _End, target: _End, adds: int | None) -> Arrow:
    """The label stands at the end that is further from the cut; of those that do not cross it, at the source."""
    is_down = target.line.y > source.line.y
    tip_y = target.line.y - (4 if is_down else -4)
    text = f"{move.amount:,}" if adds is None else f"{adds:+,}"
    is_at_target = adds is not None and abs(target.x - target.line.cut_x) > abs(source.x - source.line.cut_x)
    label = (target if is_at_target else source).label(text, is_below=is_down != is_at_target)
    return Arrow(move, kind, source.x, source.line.y, target.x, tip_y, label)


def _stub(move: Move, kind: str, end: _End, places: Mapping[Leg, int]) -> Stub:
    is_source = end.line.lane.account == move.source
    other = f"to {move.target_number}" if is_source else f"from {move.source_number}"
    is_odd = places[end.line.lane.account, move.transfer] % 2  # above and below in turn: neighbours have room
    return Stub(move, kind, end.x, end.line.y, end.label(f"{move.amount:,} {other}", is_below=bool(is_odd)))


def _is_beside(arrow: Arrow, cut: Sequence[Point]) -> bool:
    """Whether the arrow stays on one side of the cut. Both run straight between the heights that are compared."""
    line = sorted([(arrow.x1, arrow.y1), (arrow.x2, arrow.y2)], key=lambda point: point[1])
    top, bottom = line[0][1], line[1][1]
    heights = [top, *(y for _x, y in cut if top < y < bottom), bottom]
    apart = [_x_at(line, y) - _x_at(cut, y) for y in heights]
    return max(apart) < 0 or min(apart) > 0


def _x_at(line: Sequence[Point], y: float) -> float:
    """Where a line that runs downwards is at a height."""
    for (x1, y1), (x2, y2) in pairwise(line):
        if y1 <= y <= y2:
            return x1 + (x2 - x1) * (y - y1) / (y2 - y1)
    raise ValueError(f"The line does not reach {y}.")
