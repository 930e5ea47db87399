"""Pure: a storm's audited totals in, the geometry of a small line out."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

TOO_FLAT = 15  # a line that is so many times lower than the highest of its scale is hardly to be seen


class Total(NamedTuple):
    """What one audit (by its number in the plan) read; what the evidence says of it: None is unjudged, or unknown."""

    number: int
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


def spread_of(totals: Iterable[Total], *, expected: int) -> int:
    """How far from the true total the farthest is."""
    return max((abs(one.total - expected) for one in totals), default=0)


def shared_spread(spreads: Iterable[int]) -> int:
    """Of the scale that several lines share: the largest that does not make the smallest too flat."""
    some = sorted(spread for spread in spreads if spread)
    return max((spread for spread in some if spread <= TOO_FLAT * some[0]), default=0)


def sparkline(
    totals: Sequence[Total], *, expected: int, spread: int | None = None, width: int = 130, height: int = 44
) -> Sparkline:
    """From left to right by their numbers. The scale reaches from the lowest total to the highest.

    With `spread` it reaches as far below the true total as above: lines of the same spread can be compared.
    """
    values = [expected, *(one.total for one in totals)]
    bottom, top = (min(values), max(values)) if spread is None else (expected - spread, expected + spread)
    first, last = (totals[0].number, totals[-1].number) if totals else (0, 0)
    margin = 4

    def y(total: int) -> float:
        share = (total - bottom) / (top - bottom) if top > bottom else 0.5
        return round(height - margin - share * (height - 2 * margin), 1)

    def x(number: int) -> float:
        share = (number - first) / (last - first) if last > first else 0.5
        return round(margin + share * (width - 2 * margin), 1)

    return Sparkline(
        width,
        height,
        " ".join(f"{x(one.number)},{y(one.total)}" for one in totals),
        y(expected),
        [Dot(x(one.number), y(one.total), _kind(one, expected)) for one in totals if one.torn or one.total != expected],
        min(values),
        max(values),
        expected,
        len(totals),
    )


def _kind(one: Total, expected: int) -> str:
    if not one.torn:
        return "wrong"
    return "luck" if one.total == expected else "torn"
