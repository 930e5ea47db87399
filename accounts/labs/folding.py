"""Long schedules, made short enough to be looked at: many steps of one session after another are folded into a line."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from accounts.explorer.report import ScheduleReport, StepReport
from interleavings.engine.scenario import Run

MAX_STEPS = 40  # shown as they are; of more, all but the first and the last of many in a row are folded
KEPT = 2


def write_briefly(run: Run) -> str:
    """ "t (a) t t a"; of many steps, "128 a, 5 t1, 129 a": how many each session takes in a row."""
    if len(run.steps) <= MAX_STEPS:
        return str(run)
    return ", ".join(f"{len(list(steps))} {name}" for name, steps in groupby(run.schedule))


def fold(report: ScheduleReport) -> ScheduleReport:
    """The same, with at most a few lines for many steps in a row."""
    if len(report.steps) <= MAX_STEPS:
        return report
    groups = [list(steps) for _session, steps in groupby(report.steps, key=lambda step: step.session)]
    return replace(report, steps=tuple(step for steps in groups for step in _fold(steps)))


def _fold(steps: Sequence[StepReport]) -> Iterator[StepReport]:
    left_out = steps[KEPT:-KEPT]
    if len(left_out) < 2:
        yield from steps
        return
    yield from steps[:KEPT]
    first = left_out[0]
    yield StepReport(first.session, f"... {len(left_out)} more steps ...", sql="", waited_for=(), went_on={}, error="")
    yield from steps[-KEPT:]
