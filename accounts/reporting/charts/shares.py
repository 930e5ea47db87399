"""How a whole is shared out: one bar, and in it a part for each count, as long as its share."""

from collections.abc import Mapping
from typing import NamedTuple

WIDTH = 600


class Part(NamedTuple):
    """Some of the whole, from left to right."""

    kind: str
    x: float
    width: float


def shares(counts: Mapping[str, int]) -> list[Part]:
    """The parts in the order of the counts. What is counted 0 times has none."""
    whole = sum(counts.values())
    parts, before = [], 0
    for kind, count in counts.items():
        if count:
            parts.append(Part(kind, round(WIDTH * before / whole, 1), round(WIDTH * count / whole, 1)))
        before += count
    return parts
