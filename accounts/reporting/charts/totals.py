"""Audited totals over time: a dot for each audit, and the line that all of them should be on.

One chart in two sizes: pages show it higher than documents, which are printed.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from accounts.reporting.audit_kind import AuditKind
from accounts.reporting.charts.scale import Scale

WIDTH, PAGE_HEIGHT, DOCUMENT_HEIGHT = 720, 240, 200
LEFT, RIGHT, TOP, BOTTOM = 64, 20, 16, 32
TEXT_HEIGHT = 14

# The shape of each kind, drawn from its middle: not everyone can tell the colours apart.
CIRCLE, DIAMOND, SQUARE = "m-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0z", "m0-6l6 6-6 6-6-6z", "m-5-5h10v10h-10z"
SHAPES = {
    AuditKind.TORN: DIAMOND,
    AuditKind.LUCK: DIAMOND,
    AuditKind.WRONG: SQUARE,
    AuditKind.INCOMPLETE: SQUARE,
}


class AuditPoint(NamedTuple):
    """One audit: when it was taken, and what it added up to."""

    #: Its primary key.
    audit: int
    #: Its place in the storm's plan, from 0.
    number: int
    #: Seconds since the first audit that is drawn.
    at_s: float
    total: int
    kind: AuditKind


class Dot(NamedTuple):
    """One audit in the picture."""

    x: float
    y: float
    point: AuditPoint

    @property
    def path(self) -> str:
        return shape_path(self.point.kind, self.x, self.y)


class Tick(NamedTuple):
    """A label on an axis."""

    place: float
    text: str


class LegendEntry(NamedTuple):
    """A sample of one kind's shape, 14 pixels wide and high."""

    kind: AuditKind
    path: str


class TotalsChart(NamedTuple):
    """The picture. Places are SVG's user units."""

    height: int
    #: In the order in which the audits were taken.
    dots: list[Dot]
    #: Where the line of the true total lies, and from where to where.
    line_y: float
    left: float
    right: float
    #: On the vertical axis.
    totals: list[Tick]
    #: On the horizontal axis, all at `times_y`.
    times: list[Tick]
    times_y: float
    expected: int
    lowest: int
    highest: int
    duration_s: float

    @property
    def width(self) -> int:
        return WIDTH

    @property
    def totals_x(self) -> float:
        """Where the labels of the vertical axis end."""
        return self.left - 10

    @property
    def legend(self) -> list[LegendEntry]:
        """The kinds that are in the picture, the right ones first."""
        drawn = {dot.point.kind for dot in self.dots}
        return [LegendEntry(kind, shape_path(kind, 7, 7)) for kind in AuditKind if kind in drawn]


def shape_path(kind: AuditKind, x: float, y: float) -> str:
    """The path of SVG that draws an audit of this kind around a place."""
    return f"M{x} {y}{SHAPES.get(kind, CIRCLE)}"


def totals_chart(points: Sequence[AuditPoint], *, expected_total: int, height: int = PAGE_HEIGHT) -> TotalsChart:
    """Every point is drawn; the scales run from the first audit to the last, and from the lowest to the highest."""
    totals = [expected_total, *(point.total for point in points)]
    y = Scale.over(totals, height - BOTTOM, TOP)
    x = Scale.over((point.at_s for point in points), LEFT, WIDTH - RIGHT)
    in_time = sorted(points, key=lambda point: (point.at_s, point.number))
    return TotalsChart(
        height=height,
        dots=[Dot(x(point.at_s), y(point.total), point) for point in in_time],
        line_y=y(expected_total),
        left=LEFT,
        right=WIDTH - RIGHT,
        totals=_apart(Tick(y(total), f"{total:,}") for total in (expected_total, max(totals), min(totals))),
        times=_times(x),
        times_y=height - 10,
        expected=expected_total,
        lowest=min(totals),
        highest=max(totals),
        duration_s=round(x.high - x.low, 1),
    )


def _times(x: Scale) -> list[Tick]:
    """The beginning, the middle and the end; none if they are one moment."""
    if x.high == x.low:
        return []
    return [Tick(x(at_s), f"{at_s:.1f} s") for at_s in (x.low, (x.low + x.high) / 2, x.high)]


def _apart(ticks: Iterable[Tick]) -> list[Tick]:
    """The ticks whose text does not touch that of an earlier one."""
    kept: list[Tick] = []
    for tick in ticks:
        if all(abs(tick.place - other.place) >= TEXT_HEIGHT for other in kept):
            kept.append(tick)
    return kept
