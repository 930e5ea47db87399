"""What is explored, and what came of one schedule of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from interleavings.engine.scheduler import Stage
from interleavings.engine.step import Step
from interleavings.statements.footprint import Footprint

Work = Callable[[], Any]


@dataclass(frozen=True)
class Ended:
    """How each session ended: with a result, or with an error."""

    results: Mapping[str, Any]
    errors: Mapping[str, BaseException]


@dataclass(frozen=True)
class Scenario:
    """Named sessions, and how to begin and to judge one schedule of them."""

    sessions: tuple[str, ...]
    begin: Callable[[], Mapping[str, Work]]  # resets everything, and returns each session's work, fresh
    observe: Callable[[Ended], Any]  # what there is to see at the end
    is_step: Callable[[str], bool]  # whether a statement is a step, or runs along with the one before it


@dataclass(frozen=True)
class Run:
    """One schedule that was run to its end, and what came of it."""

    schedule: tuple[str, ...]
    steps: list[Step]
    observation: Any
    errors: Mapping[str, BaseException]
    weight: int = 1  # how many schedules it stands for: this one, and those that only order unrelated steps otherwise
    hung: tuple[str, ...] = ()  # the sessions that would wait for each other for ever
    is_raced: bool = False  # a step let two sessions go on at once, and the database decided who was faster
    degree: float = 1.0  # the product of the choices on the way: Knuth's estimate of how many schedules there are

    def __str__(self) -> str:
        """ "t (a) t t a": a step in brackets had to wait."""
        return write_schedule(self.steps)

    def had(self, sqlstate: str) -> bool:
        """Whether a step ended with this error, whatever its session made of it."""
        return any(step.error == sqlstate for step in self.steps)

    @property
    def was_blocked(self) -> bool:
        return any(step.was_blocked for step in self.steps)


def write_schedule(steps: list[Step]) -> str:
    return " ".join(f"({step.session})" if step.was_blocked else step.session for step in steps)


def class_size(sessions: list[str], footprints: list[Footprint]) -> int:
    """How many schedules order only steps otherwise that do not touch each other: the linear extensions.

    `sessions` names the session of each step in turn. A state is how many steps each session has taken.

    Assumes that footprints leave nothing out. Then, in all these schedules, each session takes the same steps with the
    same footprints, and they end the same; a footprint that says too little makes this count, and the proof, wrong.
    """
    places: dict[str, list[int]] = {}
    for place, session in enumerate(sessions):
        places.setdefault(session, []).append(place)
    needs = [
        {before for before in range(place) if footprints[before].touches(footprints[place])}
        for place in range(len(sessions))
    ]
    ways = {frozenset(): 1}
    for _ in sessions:
        longer: dict[frozenset[int], int] = {}
        for taken, count in ways.items():
            for steps in places.values():
                following = next((place for place in steps if place not in taken), None)
                if following is not None and needs[following] <= taken:
                    longer[taken | {following}] = longer.get(taken | {following}, 0) + count
        ways = longer
    return sum(ways.values())


def finish(stage: Stage, scenario: Scenario, **facts: Any) -> Run:
    """The run that has just come to its end on the stage."""
    sessions = stage.sessions.values()
    hung = tuple(session.name for session in sessions if session.name in stage.waits)
    if hung:
        stage.abandon()
    ended = Ended(
        results={session.name: session.result for session in sessions if session.error is None},
        errors={session.name: session.error for session in sessions if session.error is not None},
    )
    return Run(
        schedule=tuple(step.session for step in stage.trace),
        steps=stage.trace,
        observation=scenario.observe(ended),
        errors=ended.errors,
        hung=hung,
        **facts,
    )
