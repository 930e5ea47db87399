"""What is explored, and the result of one schedule of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from interleavings.engine.scheduler import Scheduler
from interleavings.engine.session import Work
from interleavings.engine.step import Step

__all__ = ["Ended", "Run", "Scenario", "Work", "count_switches", "finish", "shortness", "write_schedule"]


@dataclass(frozen=True)
class Ended:
    """How each session ended: with a result, or with an error. One that waits for ever has not, and is in neither."""

    results: Mapping[str, Any]
    errors: Mapping[str, BaseException]


@dataclass(frozen=True)
class Scenario:
    """Named sessions, and how to begin and to judge one schedule of them."""

    sessions: tuple[str, ...]
    #: sets everything back, and returns each session's work, fresh
    begin: Callable[[], Mapping[str, Work]]
    #: looks at what a schedule has left behind, and says whatever is to be known of it
    observe: Callable[[Ended], Any]
    #: whether a statement is a step; if not, it runs along with the step before it
    is_step: Callable[[str], bool]


@dataclass(frozen=True)
class Run:
    """One schedule that was run to its end, and its result."""

    #: the session of each step in turn
    schedule: tuple[str, ...]
    steps: list[Step]
    #: what `Scenario.observe` returned
    observation: Any
    errors: Mapping[str, BaseException]
    #: how many schedules it stands for: itself, and those that differ only in the order of steps that do not touch
    #: each other
    weight: int = 1
    #: the sessions that would wait for each other for ever
    hung: tuple[str, ...] = ()
    #: whether a step let two sessions go on at once, and the database decided which of them was faster
    is_raced: bool = False
    #: the product of the numbers of choices on the way: Knuth's estimate of how many schedules there are
    degree: float = 1.0

    def __str__(self) -> str:
        """The schedule as text, which replay.py can read."""
        return write_schedule(self.steps)

    def had(self, sqlstate: str) -> bool:
        """Whether a step ended with this error, even if its session caught it."""
        return any(step.error == sqlstate for step in self.steps)

    @property
    def was_blocked(self) -> bool:
        return any(step.was_blocked for step in self.steps)


def count_switches(steps: Sequence[Step]) -> int:
    """How often the next step is another session's."""
    return sum(step.session != following.session for step, following in pairwise(steps))


def shortness(steps: Sequence[Step]) -> tuple[int, int, tuple[str, ...]]:
    """Sorts the shortest schedule first: that with the fewest steps; of equals, that with the fewest switches."""
    return len(steps), count_switches(steps), tuple(step.session for step in steps)


def write_schedule(steps: Sequence[Step]) -> str:
    """The steps as text, as in "t (b) (a) t>a a b": (a) had to wait, and t>a let a go on, but not b."""
    return " ".join(_write_turn(step) for step in steps)


def _write_turn(step: Step) -> str:
    word = f"({step.session})" if step.was_blocked else step.session
    return f"{word}>{'+'.join(step.let_go)}" if step.let_go else word


def finish(scheduler: Scheduler, scenario: Scenario, **facts: Any) -> Run:
    """The run that has just come to its end: every session is done, or waits. `facts` are other fields of the run."""
    sessions = scheduler.sessions.values()
    hung = tuple(session.name for session in sessions if session.name in scheduler.waits)
    if hung:
        scheduler.abandon()
    records = {session.name: session.record for session in sessions if session.name not in hung}
    ended = Ended(
        results={name: record.result for name, record in records.items() if record.error is None},
        errors={name: record.error for name, record in records.items() if record.error is not None},
    )
    return Run(
        schedule=tuple(step.session for step in scheduler.trace),
        steps=scheduler.trace,
        observation=scenario.observe(ended),
        errors=ended.errors,
        hung=hung,
        **facts,
    )
