"""What is to be reached in a scene, and after which step of a schedule it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.db.sqlstates import DEADLOCK, SERIALIZATION_FAILURE
from accounts.explorer.verdicts import Verdict
from interleavings.engine.scenario import Run
from interleavings.engine.step import Step


@dataclass(frozen=True)
class Goal:
    """What a student is to reach. Either the verdict on the whole schedule decides, or a single step."""

    task: str  #: "Make the audit torn: ..."
    counted: str  #: after "0 of 6 schedules": "make the audit torn"
    by_verdict: Callable[[Verdict], Any] | None = None
    #: of a step and its place, from 0: after how many steps of the schedule it reaches the goal; None: it does not
    by_step: Callable[[Step, int], int | None] | None = None

    def reached_at(self, steps: Sequence[Step], run: Run | None) -> int | None:
        """After how many of the steps it was reached; None: it was not. `run`: None before all sessions have ended."""
        if self.by_step is not None:
            counts = [self.by_step(step, place) for place, step in enumerate(steps)]
            return min((count for count in counts if count is not None), default=None)
        assert self.by_verdict is not None
        return len(steps) if run is not None and self.by_verdict(run.observation) else None


def _waits(step: Step, place: int) -> int | None:
    return place + 1 if step.waited_for else None


def _is_refused(step: Step, place: int, sqlstate: str) -> int | None:
    """A step that had to wait has its error when another step lets it go on."""
    if step.error != sqlstate:
        return None
    return 1 + (place if step.freed_by is None else step.freed_by)


TORN = Goal(
    "Make the audit torn: it must see a transfer on one of its two accounts only.",
    "make the audit torn",
    by_verdict=lambda verdict: verdict.torn,
)
TORN_BY_LUCK = Goal(
    "Make the audit torn although its total is right: what it sees half must cancel out.",
    "make the audit torn with a right total",
    by_verdict=lambda verdict: verdict.torn and not verdict.wrong_total,
)
LOST_UPDATE = Goal(
    "Lose an update: one transfer must overwrite what the other one wrote.",
    "lose an update",
    by_verdict=lambda verdict: verdict.lost_updates,
)
LOST_MONEY = Goal(
    "Make the bank lose money: at the end, its total must be too small (too large does not count).",
    "lose money",
    by_verdict=lambda verdict: verdict.drift < 0,
)
WAIT = Goal(
    "Make a session wait for a lock that another one holds.",
    "make a session wait",
    by_step=_waits,
)
DEADLOCKED = Goal(
    "Make the two transfers deadlock: each must wait for the other.",
    "end in a deadlock",
    by_step=lambda step, place: _is_refused(step, place, DEADLOCK),
)
# An UPDATE of what another transaction has changed since the snapshot is always refused. Whether a SELECT is refused
# before that depends on how the database reads its small tables.
REFUSED = Goal(
    "Make the database refuse an UPDATE with a serialization failure (40001).",
    "have an UPDATE that is refused",
    by_step=lambda step, place: (
        _is_refused(step, place, SERIALIZATION_FAILURE) if step.sql.startswith("UPDATE") else None
    ),
)
