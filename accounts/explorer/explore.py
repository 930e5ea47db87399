"""Explores a plan on a scratch bank: every schedule, the counts, and the shortest schedule that goes wrong."""

import itertools
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from accounts.db.sqlstates import describe as describe_error
from accounts.errors import BankError
from accounts.explorer.plan import Plan
from accounts.explorer.prepared import prepare
from accounts.explorer.report import ExplorationReport, Listed, ScheduleReport, Timeline
from accounts.explorer.serial import serial_runs
from accounts.explorer.tally import Tally
from accounts.explorer.verdicts import badness, words
from interleavings.engine.scenario import Run, write_schedule
from interleavings.engine.search import Search, sample

LIMIT = 10_000
#: A session that asks for a lock again and again has few schedules in a minute, and long ones.
MAX_STEPS_IN_ALL = 200_000
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
        bad, worst = badness(run), badness(self.worst) if self.worst else None
        if bad is not None and (worst is None or bad < worst):
            self.worst = run
        self.notes |= dict.fromkeys(run.observation.notes)
        if run.errors and not self.first_error:
            self.first_error = _say_error(run)

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


def explore(
    plan: Plan,
    *,
    prune: bool = True,
    limit: int = LIMIT,
    seed: int = 1,
    on_progress: Progress = lambda _exploration: None,
    keep_timelines: bool = False,
) -> Exploration:
    """Run every schedule of the plan; or, if there are more than `limit`, that many, drawn at random from the seed.

    `on_progress` is called after each schedule with what has been found so far, and may raise to end it all.
    With `prune`, of schedules that differ only in the order of steps that do not touch each other one is run, and
    counts for all of them. Raises BankError if a strategy does what no session may do; nothing is left behind then
    either.
    """
    if limit < 1:
        raise BankError(f"limit cannot be {limit:,}: choose 1 or more schedules.")
    began = time.monotonic()
    with prepare(plan) as prepared:

        def blank() -> Exploration:
            return Exploration(plan, numbers=prepared.numbers, timelines=[] if keep_timelines else None)

        search = Search(prepared.scenario, prepared.scheduler, prune=prune)
        exploration = _explore_all(blank(), search, limit, on_progress)
        if not exploration.is_exhaustive and exploration.tally.run_count >= limit:
            sample_runs = sample(prepared.scenario, prepared.scheduler, seed=seed)
            exploration = _sample(blank(), sample_runs, limit, on_progress)
        if exploration.worst is not None:
            one_by_one = serial_runs(prepared.scenario, prepared.scheduler)
            exploration.serial = next((run for run in one_by_one if badness(run) is not None), None)
    exploration.duration_s = time.monotonic() - began
    return exploration


def runs(plan: Plan, *, prune: bool = False) -> Iterator[Run]:
    """Every schedule of the plan, as it is run."""
    with prepare(plan) as prepared:
        yield from Search(prepared.scenario, prepared.scheduler, prune=prune).runs()


def _explore_all(exploration: Exploration, search: Search, limit: int, on_progress: Progress) -> Exploration:
    for run in search.runs():
        exploration.add(run)
        on_progress(exploration)
        if exploration.tally.run_count >= limit and not search.is_exhausted:
            return exploration
        if search.step_count > MAX_STEPS_IN_ALL:
            return exploration
    exploration.is_exhaustive, exploration.unmet = search.is_exhausted, search.unmet
    return exploration


def _sample(exploration: Exploration, runs: Iterator[Run], limit: int, on_progress: Progress) -> Exploration:
    """Different schedules, `limit` of them, and Knuth's estimate of how many there are: the mean of the degrees."""
    degrees = []
    schedules = set()
    for run in itertools.islice(runs, 2 * limit):
        degrees.append(run.degree)
        if run.schedule not in schedules:
            schedules.add(run.schedule)
            exploration.add(run)
            on_progress(exploration)
        if len(schedules) >= limit:
            break
    exploration.about = sum(degrees) / len(degrees)
    return exploration


def _listed(run: Run) -> Listed:
    return Listed(str(run), run.weight, tuple(words(run)))


def _say_error(run: Run) -> str:
    session, error = next(iter(run.errors.items()))
    steps = [step for step in run.steps if step.session == session]
    place = next((place for place, step in enumerate(steps, start=1) if step.error), len(steps))
    where = f"at its step {place} ({steps[place - 1]})" if steps else "before its first step"
    return f"Session {session} raised {describe_error(error)}, {where}, in the schedule {write_schedule(run.steps)}."
