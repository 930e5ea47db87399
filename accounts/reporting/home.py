"""The first page: whether workers are there, and what was run last."""

from dataclasses import dataclass

from accounts.cluster.subprocesses import Heartbeat, heartbeat
from accounts.models import Storm
from accounts.reporting.storm_line import StormLine, storm_line

MAX_STORMS = 8


@dataclass(frozen=True)
class Home:
    """What the first page shows above the list of all models."""

    heartbeat: Heartbeat
    last_storms: list[StormLine]


def observe_home() -> Home:
    """The workers' heartbeat and the last storms. Needs three queries."""
    storms = Storm.objects.defer("faults")[:MAX_STORMS]
    return Home(heartbeat(), [storm_line(storm) for storm in storms])
