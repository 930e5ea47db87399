"""What an exploration of a plan has found so far: the counts, a list of the schedules, and the worst of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from accounts.db.sqlstates import describe as describe_error
from accounts.explorer.plan import Plan
from accounts.explorer.report import ExplorationReport, Listed, ScheduleReport, Timeline
from accounts.explorer.tally import Tally
from accounts.explorer.verdicts import badness, words
from interleavings.engine.scenario import Run, write_schedule

MAX_NOTES = 5


@dataclass
class Exploration:
    """Everything that an exploration has found so far. Counts are of schedules, also of those that were pruned."""

    plan: Plan
    tally: Tally = field(default_factory=Tally)
    is_exhaustive: bool = False
    about: float | None = None  #: of a sample: about how many schedules there are
    listing: list[Listed] = field(default_factory=list)
    schedules: list[tuple[str, ...]] = field(default_factory=list)  #: the same, as the sessions' names
    worst: Run | None = None  #: the shortest of the worst runs; None if none is wrong
    serial: Run | None = None  #: one that goes wrong though one session runs after the other: that is no race
    timelines: list[Timeline] | None = None  #: every schedule that was run; None if they are not wanted
    first_error: str = ""
    unmet: list[str] = field(default_factory=list)  #: choices of the database that were never met: "t1 t2 a t1>a"
    notes: dict[str, None] = field(default_factory=dict)  #: what the evidence lacks, each sentence once
    numbers: Mapping[int, int] = field(default_factory=dict)  #: of the accounts, by primary key
    duration_s: float = 0.0

    def add(self, run: Run) -> None:
        """Count a run, and keep it if it is the worst."""
        self.tally.add(run)
        self.listing.append(_listed(run))
        self.schedules.append(run.schedule)
        if self.timelines is not None:
            self.timelines.append(Timeline(ScheduleReport.of(run, self.numbers), run.weight))
        self._keep_worst(run)
        self.notes |= dict.fromkeys(run.observation.notes)
        if run.errors and not self.first_error:
            self.first_error = _say_error(run)

    def include(self, part: "Exploration") -> None:
        """Add what was found in another part of the tree of schedules. Of equally bad schedules, ours is kept."""
        self.tally.include(part.tally)
        self.listing += part.listing
        self.schedules += part.schedules
        if self.timelines is not None:
            self.timelines += part.timelines or []
        self._keep_worst(part.worst)
        self.first_error = self.first_error or part.first_error
        self.notes |= part.notes
        self.numbers = {**self.numbers, **part.numbers}

    def _keep_worst(self, run: Run | None) -> None:
        bad, worst = (badness(run) if run else None), (badness(self.worst) if self.worst else None)
        if bad is not None and (worst is None or bad < worst):
            self.worst = run

    def report(self) -> ExplorationReport:
        """What is printed and kept of it."""
        plan, tally = self.plan, self.tally
        return ExplorationReport(
            transfer_with=plan.transfer_with,
            audit_with=plan.audit_with,
            accounts=plan.account_count,
            transfers=plan.transfers,
            audits=plan.audit_count,
            processes=plan.processes,
            schedules=tally.schedule_count,
            exhaustive=self.is_exhaustive,
            about=None if self.about is None else round(self.about),
            run=tally.run_count,
            counts=dict(tally.counts),
            error=self.first_error,
            unmet=tuple(self.unmet),
            notes=tuple(self.notes)[:MAX_NOTES],
            duration_s=round(self.duration_s, 3),
            worst=None if self.worst is None else ScheduleReport.of(self.worst, self.numbers),
            serial=None if self.serial is None else _listed(self.serial),
        )


Progress = Callable[[Exploration], None]


def _listed(run: Run) -> Listed:
    return Listed(str(run), run.weight, tuple(words(run)))


def _say_error(run: Run) -> str:
    session, error = next(iter(run.errors.items()))
    steps = [step for step in run.steps if step.session == session]
    place = next((place for place, step in enumerate(steps, start=1) if step.error), len(steps))
    where = f"at its step {place} ({steps[place - 1]})" if steps else "before its first step"
    raised = describe_error(error).rstrip(".: ")
    return f"Session {session} raised {raised}, {where}, in the schedule {write_schedule(run.steps)}."
