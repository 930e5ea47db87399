"""Storms that run one after another, and what the lecture says about each."""

from dataclasses import dataclass

from accounts.models import Storm
from accounts.reporting.comparison_columns import ran_on
from accounts.reporting.storm_line import StormLine, storm_line
from accounts.storms import lecture
from accounts.storms.lifecycle import next_by_hand


@dataclass(frozen=True)
class RowLine:
    """One storm of the row."""

    line: StormLine
    #: Its place in the row, from 1.
    number: int
    #: The page on which this is shown is the storm's own.
    is_here: bool
    #: What the lecture says of it, and expects; "" before the storm has ended: a class is to say it first.
    meaning: str
    expected: str
    #: It ended in another way than the lecture expects.
    surprises: bool

    @property
    def ran_on(self) -> str:
        return ran_on(self.line.storm.worker_count, self.line.storm.thread_count)


@dataclass(frozen=True)
class StormsInARow:
    """All storms of a row, in their order; none if a storm runs alone."""

    lines: list[RowLine]
    is_lecture: bool
    #: The next storm, if it waits to be started by hand.
    next_by_hand: Storm | None
    #: Another storm of the row, if it runs now.
    running_now: Storm | None

    @property
    def is_live(self) -> bool:
        """Whether one of them has not ended."""
        return any(not row.line.storm.has_ended for row in self.lines)

    @property
    def pks(self) -> str:
        """Their numbers, as the address of their comparison has them."""
        return ",".join(str(row.line.storm.pk) for row in self.lines)

    @property
    def next_ran_on(self) -> str:
        """What the next storm will run on; "" if none waits to be started."""
        waiting = self.next_by_hand
        return ran_on(waiting.worker_count, waiting.thread_count) if waiting else ""


def observe_row(storm: Storm) -> StormsInARow:
    """The row that this storm is in. Needs two queries."""
    pks = storm.row
    storms = list(Storm.objects.filter(pk__in=pks).order_by("pk")) if len(pks) > 1 else []
    scenes = lecture.scenes_of(storms)
    lines = [
        _line(other, scene, number=number, is_here=other.pk == storm.pk)
        for number, (other, scene) in enumerate(zip(storms, scenes, strict=True), start=1)
    ]
    running = (other for other in storms if other.state == Storm.State.RUNNING and other.pk != storm.pk)
    return StormsInARow(
        lines=lines,
        is_lecture=any(scenes),
        next_by_hand=next_by_hand(storms),
        running_now=next(running, None),
    )


def _line(storm: Storm, scene: lecture.Scene | None, *, number: int, is_here: bool) -> RowLine:
    shown_scene = scene if storm.has_ended else None
    return RowLine(
        line=storm_line(storm),
        number=number,
        is_here=is_here,
        meaning=shown_scene.meaning if shown_scene else "",
        expected=shown_scene.expected.value if shown_scene else "",
        surprises=bool(scene and storm.report and not scene.came_out_as_told(storm.report)),
    )
