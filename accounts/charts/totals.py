"""Audited totals over time: a dot per audit, and the line that all of them should be on."""

from collections.abc import Sequence
from typing import NamedTuple

WIDTH, HEIGHT, MARGIN = 720, 220, 30


class AuditPoint(NamedTuple):
    """One audit: when it was taken, in seconds since the first, and what it added up to."""

    audit: int
    at_s: float
    total: int
    kind: str  # right, torn, luck (torn, and the total right), wrong (the money is), or unjudged


class Dot(NamedTuple):
    """One audit in the picture."""

    x: float
    y: float
    point: AuditPoint


class TotalsChart(NamedTuple):
    """Audited totals over time, and the line that all of them should be on."""

    dots: list[Dot]
    line_y: float
    lowest: int
    highest: int
    seconds: float


def totals_chart(points: Sequence[AuditPoint], *, expected_total: int) -> TotalsChart:
    """Every point is drawn; the scales run from the first audit to the last, and from the lowest to the highest."""
    totals = [expected_total, *(point.total for point in points)]
    lowest, highest = min(totals), max(totals)
    seconds = max((point.at_s for point in points), default=0.0)

    def y(total: int) -> float:
        share = (total - lowest) / (highest - lowest) if highest > lowest else 0.5
        return round(HEIGHT - MARGIN - share * (HEIGHT - 2 * MARGIN), 1)

    def x(at_s: float) -> float:
        return round(MARGIN + (at_s / seconds if seconds else 0.5) * (WIDTH - 2 * MARGIN), 1)

    return TotalsChart(
        dots=[Dot(x(point.at_s), y(point.total), point) for point in points],
        line_y=y(expected_total),
        lowest=lowest,
        highest=highest,
        seconds=round(seconds, 1),
    )
