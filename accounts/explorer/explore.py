"""Explores a plan on a scratch bank: every schedule, the counts, and the shortest schedule that goes wrong."""

import copy
import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from accounts.db.sqlstates import describe as describe_error
from accounts.errors import BankError
from accounts.explorer.plan import Plan
from accounts.explorer.scratch_bank import ScratchBank
from accounts.explorer.sessions import build
from accounts.explorer.strategy_files import find_strategy
from accounts.explorer.timeline import describe, lines
from accounts.explorer.verdicts import Judge, Tally, badness, words
from interleavings.engine.replay import replay as replay_schedule
from interleavings.engine.scenario import Run, Scenario, finish, write_schedule
from interleavings.engine.scheduler import Fault, Scheduler
from interleavings.engine.search import Search, sample
from interleavings.engine.step import Step

LIMIT = 10_000
MAX_STEPS_IN_ALL = (
    200_000  # a session that asks for a lock again and again has few schedules in a minute, and long ones
)
PATIENCE_S = 5.0

Report = dict[str, Any]


@dataclass
class Exploration:
    """Everything that an exploration found. Counts are of schedules, also of those that were pruned."""

    plan: Plan
    tally: Tally = field(default_factory=Tally)
    is_exhaustive: bool = False
    about: float | None = None  # sampled: about how many schedules there are
    listing: list[tuple[str, int, list[str]]] = field(default_factory=list)  # schedule, weight, verdict
    schedules: list[tuple[str, ...]] = field(default_factory=list)  # the same, as the sessions' names
    witness: Run | None = None
    timelines: list[dict[str, Any]] | None = None  # if they are wanted: every schedule that was run, in plain values
    first_error: str = ""
    unmet: list[str] = field(default_factory=list)  # choices of the database that were never met: "t1 t2 a t1>a"
    numbers: dict[int, int] = field(default_factory=dict)  # of the accounts, by primary key
    duration_s: float = 0.0

    def add(self, run: Run) -> None:
        self.tally.add(run)
        self.listing.append((str(run), run.weight, words(run)))
        self.schedules.append(run.schedule)
        if self.timelines is not None:
            self.timelines.append(witness(run, self.numbers) | {"weight": run.weight})
        bad = badness(run)
        if bad is not None and (self.witness is None or bad < badness(self.witness)):
            self.witness = run
        if run.errors and not self.first_error:
            self.first_error = _say_error(run)

    def report(self) -> Report:
        """Plain values, ready for JSON."""
        plan, tally = self.plan, self.tally
        return {
            "transfer_with": plan.transfer_with,
            "audit_with": plan.audit_with,
            "accounts": plan.account_count,
            "transfers": plan.transfers,
            "audits": plan.audit_count,
            "processes": plan.processes,
            "schedules": tally.schedule_count,
            "exhaustive": self.is_exhaustive,
            "about": None if self.about is None else round(self.about),
            "run": tally.run_count,
            "pruned": tally.schedule_count - tally.run_count,
            **tally.counts,
            "error": self.first_error,
            "unmet": self.unmet,
            "duration_s": round(self.duration_s, 3),
            "witness": None if self.witness is None else witness(self.witness, self.numbers),
        }


Progress = Callable[[Exploration], None]


def explore(
    plan: Plan,
    *,
    prune: bool = True,
    limit: int = LIMIT,
    seed: int = 1,
    on_progress: Progress = lambda _found: None,
    keep_timelines: bool = False,
) -> Exploration:
    """Run every schedule of the plan; or, if there are more than `limit`, that many, drawn at random from the seed.

    `on_progress` is called after each schedule with what has been found so far, and may raise to end it all.
    With `prune`, of schedules that only order unrelated steps otherwise one is run, and counts for all of them.
    Raises BankError if a strategy does what no session may do; nothing is left behind then either.
    """
    if limit < 1:
        raise BankError(f"limit cannot be {limit:,}: choose 1 or more schedules.")
    began = time.monotonic()
    with _prepared(plan) as (scenario, scheduler, numbers):

        def blank() -> Exploration:
            return Exploration(plan, numbers=numbers, timelines=[] if keep_timelines else None)

        found = _explore_all(blank(), Search(scenario, scheduler, prune=prune), limit, on_progress)
        if not found.is_exhaustive and not found.unmet:
            limit = min(limit, found.tally.run_count)
            found = _sample(blank(), sample(scenario, scheduler, seed=seed), limit, on_progress)
    found.duration_s = time.monotonic() - began
    return found


def runs(plan: Plan, *, prune: bool = False) -> Iterator[Run]:
    """Every schedule of the plan, as it is run."""
    with _prepared(plan) as (scenario, scheduler, _numbers):
        yield from Search(scenario, scheduler, prune=prune).runs()


def _explore_all(found: Exploration, search: Search, limit: int, on_progress: Progress) -> Exploration:
    for run in search.runs():
        found.add(run)
        on_progress(found)
        if found.tally.run_count >= limit and not search.is_exhausted:
            return found
        if search.step_count > MAX_STEPS_IN_ALL:
            return found
    found.is_exhaustive, found.unmet = search.is_exhausted, search.unmet
    return found


def _sample(found: Exploration, runs: Iterator[Run], limit: int, on_progress: Progress) -> Exploration:
    """Different schedules, `limit` of them, and Knuth's estimate of how many there are: the mean of the degrees."""
    degrees = []
    seen = set()
    for run in itertools.islice(runs, 2 * limit):
        degrees.append(run.degree)
        if run.schedule not in seen:
            seen.add(run.schedule)
            found.add(run)
            on_progress(found)
        if len(seen) >= limit:
            break
    found.about = sum(degrees) / len(degrees)
    return found


@contextmanager
def _prepared(plan: Plan) -> Iterator[tuple[Scenario, Scheduler, dict[int, int]]]:
    """A scratch bank, the plan's sessions with their scheduler, and the account numbers; all of it gone afterwards."""
    transfer = find_strategy(plan.transfer_with, "transfer").copy("a look at it")
    transactional = getattr(transfer, "TRANSACTIONAL", True)
    with ScratchBank(plan.account_count, plan.orders) as scratch:
        scenario = build(plan, scratch, Judge(scratch, transactional=transactional))
        numbers = {pk: number for number, pk in enumerate(scratch.account_pks, start=1)}
        try:
            with Scheduler(scenario.sessions, is_step=scenario.is_step, patience_s=PATIENCE_S) as scheduler:
                yield scenario, scheduler, numbers
        except Fault as fault:
            raise BankError(str(fault)) from fault


@dataclass(frozen=True)
class Replay:
    """One schedule, or the beginning of one: then `run` is None, and `ready` says what could come next."""

    steps: list[Step]
    run: Run | None
    ready: dict[str, str]
    blocked: dict[str, list[str]]
    numbers: dict[int, int]

    def report(self) -> Report:
        """Plain values, ready for JSON; `complete` says whether every session has ended."""
        what = {"complete": self.run is not None, "ready": self.ready, "blocked": self.blocked}
        return what | (witness(self.run, self.numbers) if self.run else {"steps": steps(self.steps, self.numbers)})


def replay(plan: Plan, schedule: str) -> Replay:
    """Run one schedule, such as "t1 t2 (a) t1>a a" (interleavings/engine/replay.py says how it is written).

    Raises BankError for a step that cannot be taken there, or a choice of the database that could not be met.
    """
    with replaying(plan) as play:
        return play(schedule)


@contextmanager
def replaying(plan: Plan) -> Iterator[Callable[[str], Replay]]:
    """The same for many schedules, one after the other, on one scratch bank."""
    with _prepared(plan) as (scenario, scheduler, numbers):

        def play(schedule: str) -> Replay:
            replay_schedule(scheduler, scenario, schedule)
            ready = {name: describe(scheduler.sessions[name].next_step, numbers) for name in scheduler.ready()}
            if not ready:
                return Replay(scheduler.trace, finish(scheduler, scenario), ready, {}, numbers)
            # What is shown must not change when the sessions are sent home: a step that waits would get its answer.
            taken = [copy.copy(step) for step in scheduler.trace]
            stopped = Replay(taken, None, ready, dict(scheduler.waits), numbers)
            scheduler.abandon()
            return stopped

        yield play


def witness(run: Run, numbers: dict[int, int]) -> dict[str, Any]:
    """One schedule in plain values: its steps as they are shown, what each read, and what it all came to."""
    return {
        "schedule": str(run),
        "verdict": words(run),
        "stories": list(run.observation.stories),
        "balances": run.observation.balances,
        "hung": list(run.hung),
        "steps": steps(run.steps, numbers),
    }


def steps(taken: list[Step], numbers: dict[int, int]) -> list[dict[str, Any]]:
    """Steps in plain values."""
    return [
        {
            "session": step.session,
            "step": line.text,
            "sql": step.sql,
            "waited_for": step.waited_for,
            "went_on": line.went_on,
            "error": step.error,
        }
        for step, line in zip(taken, lines(taken, numbers), strict=True)
    ]


def _say_error(run: Run) -> str:
    session, error = next(iter(run.errors.items()))
    mine = [step for step in run.steps if step.session == session]
    place = next((place for place, step in enumerate(mine, start=1) if step.error), len(mine))
    where = f"at its step {place} ({mine[place - 1]})" if mine else "before its first step"
    return f"Session {session} raised {describe_error(error)}, {where}, in the schedule {write_schedule(run.steps)}."
