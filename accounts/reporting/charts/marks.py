"""What happened to a storm from outside: numbers above the picture, which stand for the lines of a list below it."""

from collections.abc import Sequence
from typing import NamedTuple

CHARACTER, GAP = 8, 6  # of a number, as wide as it may be


class Mark(NamedTuple):
    """A fault that was injected, or what the watchdog did about one."""

    #: Its place in the list.
    number: int
    #: Seconds of the storm.
    at_s: float
    what: str
    is_repair: bool = False

    @property
    def css(self) -> str:
        return "repair" if self.is_repair else "fault"


class MarkLine(NamedTuple):
    """A mark in the picture."""

    x: float
    mark: Mark


class Number(NamedTuple):
    """The number of a mark, or of the first and the last of several that are too near each other to be told apart."""

    #: Where the text begins.
    x: float
    text: str


def number_lines(lines: Sequence[MarkLine]) -> list[Number]:
    """Numbers of which none touches another; the lines are in the order in which they stand."""
    groups: list[list[MarkLine]] = []
    for line in lines:
        if groups and _begin(line) < _end(groups[-1]) + GAP:
            groups[-1].append(line)
        else:
            groups.append([line])
    return [Number(_begin(group[0]), _text(group)) for group in groups]


def _begin(line: MarkLine) -> float:
    """The number stands in the middle above its line; those that join it make it longer to the right."""
    return round(line.x - CHARACTER * len(str(line.mark.number)) / 2, 1)


def _end(group: list[MarkLine]) -> float:
    return _begin(group[0]) + CHARACTER * len(_text(group))


def _text(group: list[MarkLine]) -> str:
    first, last = group[0].mark.number, group[-1].mark.number
    return str(first) if first == last else f"{first}-{last}"
