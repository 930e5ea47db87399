"""What every worker did when: a lane for each, a bar for each operation, in a window of time that can be moved."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from accounts.reporting.audit_kind import AuditKind
from accounts.reporting.charts.marks import Mark, MarkLine, Number, number_lines
from accounts.reporting.charts.names import AUDITS, Worker
from accounts.reporting.charts.scale import Scale
from accounts.reporting.charts.windows import Window

# LEFT is for the names of the lanes, RIGHT for the longest number above a mark, BAND for the line of these numbers.
WIDTH, LEFT, RIGHT, TOP, BAND, LANE, BAR = 720, 172, 40, 6, 20, 26, 16
BLANK = 90  # so much is not left blank without a word
MAX_LANES = 40
MAX_LABEL = 25
TICKS = 5

NOT_AUDITS = [  # of bars that are no audits, by their CSS classes
    ("waiting", "waiting for a lock"),
    ("transfer", "transfer, holding its locks"),
    ("transfer failed", "transfer that failed"),
]


@dataclass(frozen=True)
class Operation:
    """A transfer, a batch of transfers, or an audit, from its beginning to its end. Times are seconds of the storm."""

    #: Who did it: "host:process" or "host:process:thread".
    lane: str
    begin_s: float
    end_s: float
    waited_s: float
    #: Its primary key; of a batch, the lowest.
    first: int
    #: How many transfers a batch has.
    count: int = 1
    has_failed: bool = False
    #: Of an audit; None is a transfer, or a batch of them.
    kind: AuditKind | None = None

    @property
    def when(self) -> str:
        """For people: "1.2345 s to 1.2401 s, waited 0.6 ms"."""
        return f"{self.begin_s:.4f} s to {self.end_s:.4f} s, waited {self.waited_s * 1000:.1f} ms"

    @property
    def name(self) -> str:
        """For people: "transfer 812", "batch of 100 transfers from 801", "audit 12 (torn)"."""
        if self.kind is not None:
            return f"audit {self.first} ({self.kind.label})"
        failed = "failed " if self.has_failed else ""
        if self.count > 1:
            return f"batch of {self.count} {failed}transfers from {self.first}"
        return f"{failed}transfer {self.first}"

    @property
    def is_audit(self) -> bool:
        return self.kind is not None

    @property
    def css(self) -> str:
        """Classes: "audit torn", "transfer", "transfer failed"."""
        if self.kind is not None:
            return f"audit {self.kind}"
        return "transfer failed" if self.has_failed else "transfer"


class Bar(NamedTuple):
    """One operation in the picture: how much of its width it waited comes first."""

    x: float
    y: float
    width: float
    wait_width: float
    operation: Operation


class Lane(NamedTuple):
    """One worker, or one thread of it."""

    #: What people call it, and its name as it was recorded.
    label: str
    name: str
    y: float
    bars: list[Bar]


class Tick(NamedTuple):
    """A label on the axis, below the lanes."""

    x: float
    y: float
    text: str


class LegendEntry(NamedTuple):
    """What bars of these CSS classes are."""

    css: str
    meaning: str


class Lanes(NamedTuple):
    """The picture. Places are SVG's user units."""

    lanes: list[Lane]
    #: Of the axis.
    ticks: list[Tick]
    #: What happened from outside, and the numbers above it.
    marks: list[MarkLine]
    numbers: list[Number]
    #: Where the storm's known time ends, if there is room for words in the blank after it.
    end_x: float | None
    top: float
    bottom: float
    height: float
    lanes_left_out: int

    @property
    def legend(self) -> list[LegendEntry]:
        """What the bars in the picture are: waits, transfers, and audits by their kinds."""
        bars = [bar for lane in self.lanes for bar in lane.bars]
        drawn = {bar.operation.css for bar in bars} | {"waiting" for bar in bars if bar.wait_width}
        audits = [(f"audit {kind}", f"audit: {kind.meaning}") for kind in AuditKind]
        return [LegendEntry(css, meaning) for css, meaning in [*NOT_AUDITS, *audits] if css in drawn]


def draw_lanes(
    operations: Sequence[Operation], marks: Sequence[Mark], window: Window, *, end_s: float | None = None
) -> Lanes:
    """Operations are cut off at the window's edges. An operation's waiting is drawn at its beginning, all together.

    The storm is known up to `end_s`. Above the lanes there is room for the numbers of marks if there are any, inside
    the window or not, so that the picture keeps its height when it is moved.
    """
    names = sorted({operation.lane for operation in operations}, key=_order)
    drawn = names[:MAX_LANES]
    top = TOP + (BAND if marks else 0)
    bottom = top + LANE * max(1, len(drawn))
    lanes = [_lane(name, operations, names, window, top + LANE * place) for place, name in enumerate(drawn)]
    lines = [MarkLine(_x(mark.at_s, window), mark) for mark in marks if window.at_s <= mark.at_s <= window.end_s]
    lines.sort(key=lambda line: (line.x, line.mark.number))
    return Lanes(
        lanes=lanes,
        ticks=_ticks(window, bottom),
        marks=lines,
        numbers=number_lines(lines),
        end_x=_end_x(end_s, window),
        top=top,
        bottom=bottom,
        height=bottom + 24,
        lanes_left_out=len(names) - len(drawn),
    )


def _x(at_s: float, window: Window) -> float:
    """Where a moment is; one outside the window is at its edge."""
    scale = Scale(window.at_s, LEFT, window.end_s, WIDTH - RIGHT)
    return scale(min(max(at_s, window.at_s), window.end_s))


def _end_x(end_s: float | None, window: Window) -> float | None:
    x = _x(window.end_s if end_s is None else end_s, window)
    return x if x <= WIDTH - RIGHT - BLANK else None


def _lane(name: str, operations: Sequence[Operation], names: Sequence[str], window: Window, top: float) -> Lane:
    own = [operation for operation in operations if operation.lane == name]
    return Lane(
        label=_label(name, names, only_audits=all(operation.is_audit for operation in own)),
        name=name,
        y=top + LANE / 2,
        bars=[_bar(operation, window, top) for operation in own],
    )


def _bar(operation: Operation, window: Window, top: float) -> Bar:
    begin, end = _x(operation.begin_s, window), _x(operation.end_s, window)
    width = max(1.0, end - begin)
    wait_end = _x(operation.begin_s + operation.waited_s, window) - begin
    return Bar(begin, top + (LANE - BAR) / 2, round(width, 1), round(min(wait_end, width), 1), operation)


def _ticks(window: Window, bottom: float) -> list[Tick]:
    times = [window.at_s + window.span_s * place / TICKS for place in range(TICKS + 1)]
    digits = 2 if window.span_s >= 0.5 else 3 if window.span_s >= 0.05 else 4
    return [Tick(_x(at_s, window), bottom, f"{at_s:.{digits}f} s") for at_s in times]


def _order(name: str) -> list[tuple[int, int | str]]:
    """thread_2 before thread_10, and a process's audits after its threads."""
    words = name.replace(":", " ").replace("_", " ").split()
    return [_place(word) for word in words]


def _place(word: str) -> tuple[int, int | str]:
    if word.isascii() and word.isdigit():
        return 0, int(word)
    return (2 if word == AUDITS else 1), word


def _label(name: str, names: Sequence[str], *, only_audits: bool) -> str:
    """Without the host, if all are on one. Where a process has several lanes, one of them is that of its audits."""
    worker, others = Worker.of(name), [Worker.of(other) for other in names]
    lane_count = sum(other[:2] == worker[:2] for other in others)
    label = worker.label(with_host=len({other.host for other in others}) > 1, is_auditor=only_audits and lane_count > 1)
    return label if len(label) <= MAX_LABEL else f"{label[: MAX_LABEL - 3]}..."
