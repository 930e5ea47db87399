"""Audited totals as a small line without labels, for a row of a table: several of them can share one scale."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from accounts.reporting.charts.scale import Scale
from accounts.reporting.charts.totals import AuditPoint

WIDTH, HEIGHT, MARGIN = 130, 44, 4
TOO_FLAT = 15  # a line that is so many times lower than the highest of its scale can hardly be seen


@dataclass(frozen=True)
class Sparkline:
    """The totals in the order of the plan, and the line that all of them should be on."""

    width: int
    height: int
    #: Of the line, as SVG's polyline takes them.
    points: str
    #: One path for all audits that are torn: short strokes of no length, which round ends make into dots.
    torn: str
    #: Where the line of the true total lies.
    line_y: float
    lowest: int
    highest: int
    expected: int
    #: How many audits are drawn.
    count: int


def spread_of(points: Iterable[AuditPoint], *, expected: int) -> int:
    """How far from the true total the farthest is."""
    return max((abs(point.total - expected) for point in points), default=0)


def shared_spread(spreads: Iterable[int]) -> int:
    """The spread of the scale that several lines share: the largest that does not make the smallest too flat."""
    known = sorted(spread for spread in spreads if spread)
    return max((spread for spread in known if spread <= TOO_FLAT * known[0]), default=0)


def sparkline(
    points: Sequence[AuditPoint], *, expected: int, spread: int | None = None, width: int = WIDTH, height: int = HEIGHT
) -> Sparkline:
    """From left to right by their numbers. The scale reaches from the lowest total to the highest.

    With `spread` it reaches as far below the true total as above: lines of the same spread can be compared.
    """
    totals = [expected, *(point.total for point in points)]
    y = Scale.over(totals if spread is None else (expected - spread, expected + spread), height - MARGIN, MARGIN)
    x = Scale.over((point.number for point in points), MARGIN, width - MARGIN)
    places = [(x(point.number), y(point.total), point.kind) for point in points]
    return Sparkline(
        width=width,
        height=height,
        points=" ".join(f"{at},{high}" for at, high, _kind in places),
        torn="".join(f"M{at} {high}h0" for at, high, kind in places if kind.is_torn),
        line_y=y(expected),
        lowest=min(totals),
        highest=max(totals),
        expected=expected,
        count=len(points),
    )
