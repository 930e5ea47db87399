"""Audited totals over time: a dot per audit, and the line that all of them should be on."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

WIDTH, HEIGHT = 720, 240
LEFT, RIGHT, TOP, BOTTOM = 64, 20, 16, 32
TEXT_HEIGHT = 14


class AuditPoint(NamedTuple):
    """One audit: when it was taken, in seconds since the first, and what it added up to."""

    audit: int
    at_s: float
    total: int
    kind: str  # right, torn, luck (torn, and the total right), wrong (and not torn), or unjudged


class Dot(NamedTuple):
    """One audit in the picture."""

    x: float
    y: float
    point: AuditPoint


class Tick(NamedTuple):
    """A label on an axis."""

    place: float
    text: str


class TotalsChart(NamedTuple):
    """Audited totals over time, and the line that all of them should be on."""

    dots: list[Dot]
    line_y: float
    totals: list[Tick]
    times: list[Tick]
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
        return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)

    def x(at_s: float) -> float:
        return round(LEFT + (at_s / seconds if seconds else 0.5) * (WIDTH - LEFT - RIGHT), 1)

    return TotalsChart(
        dots=[Dot(x(point.at_s), y(point.total), point) for point in points],
        line_y=y(expected_total),
        totals=_apart(Tick(y(total), f"{total:,}") for total in (expected_total, highest, lowest)),
        times=[Tick(x(at_s), f"{at_s:.1f} s") for at_s in ((0.0, seconds / 2, seconds) if seconds else ())],
        lowest=lowest,
        highest=highest,
        seconds=round(seconds, 1),
    )


def _apart(ticks: Iterable[Tick]) -> list[Tick]:
    """Those whose text does not touch that of an earlier one."""
    kept: list[Tick] = []
    for tick in ticks:
        if all(abs(tick.place - other.place) >= TEXT_HEIGHT for other in kept):
            kept.append(tick)
    return kept
