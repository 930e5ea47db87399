"""The first page: whether workers are there, and what was run last."""

from dataclasses import dataclass

from accounts.cluster.subprocesses import Heartbeat, heartbeat
from accounts.models import Storm
from accounts.reporting.storm_line import StormLine, storm_line
from accounts.storms.lifecycle import next_by_hand
from accounts.storms.votes import takes_votes

MAX_STORMS = 8


@dataclass(frozen=True)
class Home:
    """What the first page shows above the list of all models."""

    heartbeat: Heartbeat
    last_storms: list[StormLine]
    #: The scene of the last lecture that waits for the teacher, if one does.
    waiting: Storm | None
    #: Whether the class may vote on it.
    is_vote_open: bool


def observe_home() -> Home:
    """The workers' heartbeat, the last storms, and the scene that waits. Needs at most eight queries."""
    storms = Storm.objects.defer("faults")[:MAX_STORMS]
    waiting = _waiting()
    is_vote_open = waiting is not None and takes_votes(waiting)
    return Home(heartbeat(), [storm_line(storm) for storm in storms], waiting, is_vote_open)


def _waiting() -> Storm | None:
    """A lecture that was left before its end keeps a scene that waits: that of the last lecture counts."""
    last = Storm.objects.filter(by_hand=True).first()
    return next_by_hand(last.row) if last else None
