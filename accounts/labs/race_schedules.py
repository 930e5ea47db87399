"""What may be asked about all schedules of a race, as schedules.py does for those of a bank."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from accounts.explorer.report import ScheduleReport, StepReport, users_code
from accounts.labs.proofs import ScheduleProof
from interleavings import Report
from interleavings.engine.hung import say_hung
from interleavings.engine.scenario import shortness
from interleavings.report.differences import differences
from interleavings.report.refusals import DEADLOCK, REFUSALS
from interleavings.report.report import Ending
from interleavings.report.timeline import lines_of


class RaceProblem(NamedTuple):
    """What may be wrong with a schedule of a race; its fields are as in Problem (schedules.py)."""

    what: str
    holds: Callable[[Ending, "RaceSchedules"], bool]
    detail: Callable[[Ending, "RaceSchedules"], str]


@dataclass(frozen=True)
class RaceSchedules:
    """The schedules that were run, and what they stand for."""

    report: Report
    headings: Mapping[str, str]  #: by session: what stands over its column

    @property
    def is_exhaustive(self) -> bool:
        return self.report.exhaustive

    @property
    def schedule_count(self) -> int:
        return self.report.schedules

    def count(self, problem: RaceProblem) -> int:
        """How many of all schedules have the problem."""
        return sum(ending.weight for ending in self.report.endings if problem.holds(ending, self))

    def has(self, problem: RaceProblem) -> bool:
        return self.shortest(problem) is not None

    def shortest(self, problem: RaceProblem) -> Ending | None:
        """The shortest schedule with the problem; None if there is none."""
        having = (ending for ending in self.report.endings if problem.holds(ending, self))
        return min(having, key=lambda ending: shortness(ending.steps), default=None)

    def proof(self, ending: Ending) -> ScheduleProof:
        """One schedule, as it is shown."""
        report = ScheduleReport(
            schedule=ending.schedule,
            verdict=tuple(ending.names),
            stories=(),
            balances={},
            hung=ending.hung,
            steps=self._steps(ending),
        )
        return ScheduleProof(self.headings, report)

    def _steps(self, ending: Ending) -> tuple[StepReport, ...]:
        lines = lines_of(ending.steps, ignored=self.report.ignored_columns)
        return tuple(
            StepReport(
                session=step.session,
                text=line.cells[0].text,
                sql=step.sql,
                waited_for=tuple(step.waited_for),
                went_on={cell.call: cell.text for cell in line.cells[1:]},
                error=step.error,
                code=users_code(step),
            )
            for step, line in zip(ending.steps, lines, strict=True)
        )


def is_like_no_order(ending: Ending, schedules: RaceSchedules) -> bool:
    """Whether it ended as no serial order of its sessions does."""
    return any(anomaly.schedule == ending.schedule for anomaly in schedules.report.anomalies)


def _say_difference(ending: Ending, schedules: RaceSchedules) -> str:
    report = schedules.report
    here_and_after = differences(ending.outcome, report.serial, report.ignored_columns)[: 1 + len(report.serial)]
    return "; ".join(" ".join(line.split()) for line in here_and_after) + "."


def _say_raised(ending: Ending, _schedules: RaceSchedules) -> str:
    return " ".join(
        f"{name} raised {result['raised']}: {result['raised.message']:.200}."
        for name, result in ending.outcome.results.items()
        if "raised" in result
    )


UNLIKE_ANY_ORDER = RaceProblem("the end is that of no serial order", is_like_no_order, _say_difference)
DEADLOCKED = RaceProblem(
    "sessions deadlock",
    lambda ending, _: DEADLOCK in ending.outcome.refused.values(),
    lambda _ending, _schedules: "PostgreSQL ended one of them with 40P01.",
)
REFUSED = RaceProblem(
    "PostgreSQL ends a session, and it does not begin again",
    lambda ending, _: bool(ending.outcome.refused),
    lambda ending, _: " ".join(f"{name}: {REFUSALS[state]}." for name, state in ending.outcome.refused.items()),
)
RAISED = RaceProblem(
    "a session ends with an error",
    lambda ending, _: any("raised" in result for result in ending.outcome.results.values()),
    _say_raised,
)
HUNG = RaceProblem(
    "sessions wait for ever",
    lambda ending, _: bool(ending.hung),
    lambda ending, _: " ".join(say_hung(ending.hung, ending.steps)),
)
WAITED = RaceProblem(
    "a session has to wait",
    lambda ending, _: any(step.was_blocked for step in ending.steps),
    lambda _ending, _schedules: "",
)

UNFINISHED = (HUNG, DEADLOCKED, REFUSED, RAISED)
# What is worth to be shown, the worst first.
EVERYTHING: Sequence[RaceProblem] = (UNLIKE_ANY_ORDER, *UNFINISHED, WAITED)
