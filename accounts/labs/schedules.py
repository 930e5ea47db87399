"""What may be asked about all schedules of a small bank: how many have a problem, and which is the shortest."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any, NamedTuple

from accounts.explorer.report import ScheduleReport
from accounts.explorer.scratch_bank import ScratchBank
from accounts.labs.folding import fold
from accounts.labs.proofs import ScheduleProof
from interleavings.engine.module_copies import Original
from interleavings.engine.scenario import Run, shortness
from interleavings.engine.step import Step

Work = Callable[[ModuleType, ScratchBank], Any]


@dataclass(frozen=True)
class Session:
    """One session: the file whose fresh copy it works with, what it does with it, and what stands over its column.

    Its work returns the readings of an audit, or None; whatever else it returns is taken for an audit's.
    """

    file: Original
    work: Work
    heading: str
    place: int | None = None  #: which of the waiting transfers it makes, from 1; None: it is no such session


class Problem(NamedTuple):
    """What may be wrong with a schedule: `what` completes "In 4 of 35 schedules ...", `detail` is about one of them."""

    what: str
    holds: Callable[[Run, "Schedules"], Any]
    detail: Callable[[Run, "Schedules"], str] = lambda run, _explored: " ".join(run.observation.stories)
    may_be_race: bool = True  #: False: it does not depend on the other sessions


@dataclass(frozen=True)
class Schedules:
    """The schedules that were run, and what they stand for."""

    sessions: Mapping[str, Session]
    runs: Sequence[Run]
    is_exhaustive: bool
    expected: Mapping[int, int]  # the balances, by number, if every transfer is done once
    numbers: Mapping[int, int]  # of the accounts, by primary key
    total: int
    opening: Mapping[int, int]  # the balances, by number, before anything is done
    serial: Sequence[Run] = ()  #: a run for each order in which the sessions run one after the other
    bound: str = ""  #: what was run, as a sentence, where it was not meant to be all schedules

    @property
    def is_proof(self) -> bool:
        """Whether everything was run that was to be run."""
        return self.is_exhaustive or bool(self.bound)

    @property
    def schedule_count(self) -> int:
        return sum(run.weight for run in self.runs)

    def count(self, problem: Problem) -> int:
        """How many of all schedules have the problem."""
        return sum(run.weight for run in self.runs if problem.holds(run, self))

    def has(self, problem: Problem) -> bool:
        return self.shortest(problem) is not None

    def shortest_serial(self, problem: Problem) -> Run | None:
        """The same, where the sessions run one after the other: what is wrong there is no race."""
        return _shortest(run for run in self.serial if problem.holds(run, self))

    def shortest(self, problem: Problem) -> Run | None:
        """The shortest schedule with the problem; None if there is none."""
        return _shortest(run for run in self.runs if problem.holds(run, self))

    def notes(self) -> list[str]:
        """What the evidence lacks, where balances alone decided about an audit; each sentence once."""
        return list(dict.fromkeys(note for run in self.runs for note in notes_of(run)))

    def audit_errors(self) -> list[int]:
        """By how much audits' totals were off, each amount once: less than 0 is money that they did not see."""
        read = (verdict for run in self.runs for verdict in run.observation.readings.values())
        sums = {result if isinstance(result, int) else sum(balance for _, balance, _ in result) for result in read}
        return sorted(total - self.total for total in sums if total != self.total)

    def changed_rows(self, session: str) -> list[tuple[Step, int]]:
        """For each step that a session takes when it comes first: how many rows it reads otherwise when it comes last.

        A value that no other session changes is not a balance. (The sessions run one after the other.)
        """
        first = next(run for run in self.serial if run.schedule[0] == session)
        last = next(run for run in self.serial if run.schedule[-1] == session)
        before, after = ([step for step in run.steps if step.session == session] for run in (first, last))
        return [(step, _count_changed(step, other)) for step, other in zip(before, after, strict=False)]

    def statements(self, session: str) -> list[str]:
        """The SQL (and COMMITs) that a session ran in a schedule where it did not have to wait, one step each."""
        return [step.sql for step in self.steps(session)]

    def steps(self, session: str) -> list[Step]:
        """The same, with what each read."""
        alone = min(self.runs, key=lambda run: (run.was_blocked, bool(run.errors), len(run.steps)))
        return [step for step in alone.steps if step.session == session]

    def proof(self, run: Run) -> ScheduleProof:
        """One schedule, as it is shown."""
        columns = {name: session.heading for name, session in self.sessions.items()}
        return ScheduleProof(columns, fold(ScheduleReport.of(run, self.numbers)))


def _shortest(runs: Iterable[Run]) -> Run | None:
    return min(runs, key=lambda run: shortness(run.steps), default=None)


def notes_of(run: Run) -> Sequence[str]:
    """What the evidence on the audits of a run lacks; nothing if it has none."""
    return run.observation.notes if run.observation.readings else ()


def _count_changed(step: Step, other: Step) -> int:
    """How many of the rows that a step read are not among those that the other one read."""
    return sum(row not in (other.rows or []) for row in step.rows or [])
