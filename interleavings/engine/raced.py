"""Steps that went on by one step and ended their transactions in it: which of them was first, nothing tells.

No schedule says it, so no search can ask for it. But one that is slow to wake (choices.py) is hardly ever the first: so
such a schedule is run again with each of them as the one that is not slow, a few times.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from interleavings.engine.scenario import Run, Scenario, finish
from interleavings.engine.scheduler import Scheduler
from interleavings.engine.step import Step

TIMES = 3


def raced_places(steps: Sequence[Step]) -> list[list[int]]:
    """The places of steps that went on by the same step, in an order that cannot be seen.

    That is so of two or more whose transactions ended there. (One whose transaction goes on was the last.)
    """
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for place, step in enumerate(steps):
        if step.freed_by is not None and step.waited_for == [steps[step.freed_by].session]:
            groups[step.freed_by] += [] if step.in_transaction or step.error else [place]
    return [group for group in groups.values() if len(group) > 1]


def in_other_orders(scheduler: Scheduler, scenario: Scenario, run: Run) -> Iterator[Run]:
    """The same schedule, run again: each of the steps that raced is most likely the first, TIMES times."""
    for group in raced_places(run.steps):
        for first in group * TIMES:
            if _play(scheduler, scenario, run, slow={place for place in group if place != first}):
                yield finish(scheduler, scenario, weight=run.weight, is_raced=True)
            else:
                scheduler.abandon()


def _play(scheduler: Scheduler, scenario: Scenario, run: Run, *, slow: set[int]) -> bool:
    """Whether all went as in the run, as far as can be seen."""
    scheduler.begin(scenario.begin())
    for place, step in enumerate(run.steps):
        if step.session not in scheduler.ready():
            return False
        scheduler.step(step.session, is_slow_to_wake=place in slow)
        if scheduler.release.is_overtaking or scheduler.trace[-1].let_go != step.let_go:
            return False
    return scheduler.is_over()
