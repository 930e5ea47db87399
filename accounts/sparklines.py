"""Pure: a storm's audited totals in, the geometry of a small line out."""

from collections.abc import Sequence
from typing import NamedTuple


class Total(NamedTuple):
    """What one audit read, and what the evidence says of it (None: not judged, or nobody can tell)."""

    total: int
    torn: bool | None = None


class Dot(NamedTuple):
    """An audit that is torn, or whose total is wrong."""

    x: float
    y: float
    kind: str  # torn, luck (torn, and the total right), or wrong


class Sparkline(NamedTuple):
    """The totals in their order as a line, beside the line that all of them should be on."""

    width: int
    height: int
    points: str
    line_y: float
    dots: list[Dot]
    lowest: int
    highest: int
    expected: int
    count: int


def sparkline(totals: Sequence[Total], *, expected: int, width: int = 110, height: int = 32) -> Sparkline:
    """From left to right in the order given; the scale reaches from the lowest total to the highest."""
    values = [expected, *(one.total for one in totals)]
    lowest, highest = min(values), max(values)
    margin = 4

    def y(total: int) -> float:
        share = (total - lowest) / (highest - lowest) if highest > lowest else 0.5
        return round(height - margin - share * (height - 2 * margin), 1)

    def x(place: int) -> float:
        return round(margin + (place / (len(totals) - 1) if len(totals) > 1 else 0.5) * (width - 2 * margin), 1)

    return Sparkline(
        width,
        height,
        " ".join(f"{x(place)},{y(one.total)}" for place, one in enumerate(totals)),
        y(expected),
        [
            Dot(x(place), y(one.total), _kind(one, expected))
            for place, one in enumerate(totals)
            if one.torn or one.total != expected
        ],
        lowest,
        highest,
        expected,
        len(totals),
    )


def _kind(one: Total, expected: int) -> str:
    if not one.torn:
        return "wrong"
    return "luck" if one.total == expected else "torn"
