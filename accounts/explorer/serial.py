"""Runs sessions one after the other: what goes wrong then is no race."""

from collections.abc import Iterator
from itertools import islice, permutations

from interleavings.engine.scenario import Run, Scenario, finish
from interleavings.engine.scheduler import Scheduler

MAX_ORDERS = 24  # all orders of four sessions


def serial_runs(scenario: Scenario, scheduler: Scheduler) -> Iterator[Run]:
    """A run for each order of the sessions, MAX_ORDERS at most, each session to its end before the next one begins.

    One that must wait for another, which has not ended all the same, goes on when it can.
    """
    for order in islice(permutations(scenario.sessions), MAX_ORDERS):
        scheduler.begin(scenario.begin())
        while ready := [name for name in order if name in scheduler.ready()]:
            scheduler.step(ready[0])
        yield finish(scheduler, scenario)
