"""What every worker did when: a lane for each, a bar for each operation, in a window of time that can be moved."""

from collections.abc import Sequence
from typing import NamedTuple

# LEFT is for the names of the lanes, TOP for what befell the storm.
WIDTH, LEFT, RIGHT, TOP, LANE, BAR = 720, 130, 24, 34, 26, 16
SHORTEST_S, LONGEST_S = 0.01, 60.0
MOST_LANES = 40
TICKS = 5


class Operation(NamedTuple):
    """A transfer, a batch of transfers, or an audit, from its beginning to its end. Times are seconds of the storm."""

    lane: str  # who did it: "host:process" or "host:process:thread"
    kind: str  # transfer, batch, failed; or of an audit: whole, torn, wrong, unjudged, failed_audit
    begin_s: float
    end_s: float
    waited_s: float
    first: int  # its primary key; of a batch, the lowest
    count: int = 1

    @property
    def when(self) -> str:
        """For people: "1.2345 s to 1.2401 s, waited 0.6 ms"."""
        return f"{self.begin_s:.4f} s to {self.end_s:.4f} s, waited {self.waited_s * 1000:.1f} ms"

    @property
    def what(self) -> str:
        """For people: "transfer", "batch of 100 transfers", "torn audit"."""
        if self.kind == "failed_audit":
            return "failed audit"
        if self.is_audit:
            return f"{self.kind} audit"
        failed = "failed " if self.kind == "failed" else ""
        return f"batch of {self.count} {failed}transfers" if self.count > 1 else f"{failed}transfer"

    @property
    def is_audit(self) -> bool:
        return self.kind in ("whole", "torn", "wrong", "unjudged", "failed_audit")


class Mark(NamedTuple):
    """Something that befell the storm from outside."""

    at_s: float
    what: str


class Window(NamedTuple):
    """The part of a storm that is looked at."""

    at_s: float
    span_s: float

    @property
    def end_s(self) -> float:
        return self.at_s + self.span_s

    def earlier(self) -> "Window":
        return self._of(self.at_s - self.span_s / 2, self.span_s)

    def later(self) -> "Window":
        return self._of(self.at_s + self.span_s / 2, self.span_s)

    def closer(self) -> "Window":
        return self._around(self.span_s / 2)

    def wider(self) -> "Window":
        return self._around(self.span_s * 2)

    def _around(self, span_s: float) -> "Window":
        span_s = min(max(span_s, SHORTEST_S), LONGEST_S)
        return self._of(self.at_s + (self.span_s - span_s) / 2, span_s)

    @staticmethod
    def _of(at_s: float, span_s: float) -> "Window":
        return Window(round(max(0.0, at_s), 4), round(span_s, 4))


class Bar(NamedTuple):
    """One operation in the picture: how much of its width it waited comes first."""

    x: float
    y: float
    width: float
    wait_width: float
    operation: Operation


class Lane(NamedTuple):
    """One worker, or one thread of it."""

    label: str
    name: str
    y: float
    bars: list[Bar]


class Label(NamedTuple):
    """A text at a place."""

    x: float
    y: float
    text: str
    anchor: str = "middle"


class Lanes(NamedTuple):
    """The picture."""

    lanes: list[Lane]
    ticks: list[Label]
    marks: list[Label]
    height: float
    bottom: float
    lanes_left_out: int


def draw_lanes(operations: Sequence[Operation], marks: Sequence[Mark], window: Window) -> Lanes:
    """Operations are cut off at the window's edges. An operation's waiting is drawn at its beginning, all together."""
    names = sorted({operation.lane for operation in operations}, key=_natural)
    shown = names[:MOST_LANES]
    bottom = TOP + LANE * max(1, len(shown))
    lanes = [
        Lane(
            label=_label(name, names),
            name=name,
            y=TOP + LANE * place + LANE / 2,
            bars=[_bar(one, window, TOP + LANE * place) for one in operations if one.lane == name],
        )
        for place, name in enumerate(shown)
    ]
    return Lanes(lanes, _ticks(window, bottom), _marks(marks, window), bottom + 24, bottom, len(names) - len(shown))


def _x(at_s: float, window: Window) -> float:
    share = min(max((at_s - window.at_s) / window.span_s, 0.0), 1.0)
    return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)


def _bar(operation: Operation, window: Window, top: float) -> Bar:
    begin, end = _x(operation.begin_s, window), _x(operation.end_s, window)
    width = max(1.0, end - begin)
    waited = _x(operation.begin_s + operation.waited_s, window) - begin
    return Bar(begin, top + (LANE - BAR) / 2, round(width, 1), round(min(waited, width), 1), operation)


def _ticks(window: Window, bottom: float) -> list[Label]:
    times = [window.at_s + window.span_s * place / TICKS for place in range(TICKS + 1)]
    digits = 2 if window.span_s >= 0.5 else 4
    return [Label(_x(at_s, window), bottom, f"{at_s:.{digits}f}") for at_s in times]


def _marks(marks: Sequence[Mark], window: Window) -> list[Label]:
    """Their texts take turns in two lines, so that two that are near each other can both be read."""
    inside = [mark for mark in marks if window.at_s <= mark.at_s <= window.end_s]
    places = [(_x(mark.at_s, window), 12 + 13 * (place % 2)) for place, mark in enumerate(inside)]
    return [
        Label(x, y, mark.what, anchor="start" if x < WIDTH / 2 else "end")
        for (x, y), mark in zip(places, inside, strict=True)
    ]


def _natural(name: str) -> list[tuple[int, int | str]]:
    """thread_2 before thread_10."""
    words = name.replace(":", " ").replace("_", " ").split()
    return [(0, int(word)) if word.isascii() and word.isdigit() else (1, word) for word in words]


def _label(name: str, names: Sequence[str]) -> str:
    """Without the host, if all are on one."""
    hosts = {other.partition(":")[0] for other in names}
    label = name.partition(":")[2] if len(hosts) == 1 and ":" in name else name
    return label if len(label) <= 18 else f"...{label[-15:]}"
