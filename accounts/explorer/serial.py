"""Runs sessions one after the other: what goes wrong then is no race."""

from collections.abc import Iterator
from itertools import islice, permutations

from interleavings.engine.scenario import Run, Scenario, finish
from interleavings.engine.scheduler import Stage
from interleavings.engine.search import take_step

MAX_ORDERS = 24  # all orders of four sessions


def serial_runs(scenario: Scenario, stage: Stage) -> Iterator[Run]:
    """A run for each order of the sessions, MAX_ORDERS at most, each session to its end before the next one begins.

    One that must wait for another, which has not ended all the same, goes on when it can.
    """
    for order in islice(permutations(scenario.sessions), MAX_ORDERS):
        stage.begin(scenario.begin())
        while ready := [name for name in order if name in stage.ready()]:
            take_step(stage, ready[0])
        yield finish(stage, scenario)
