"""Explores a plan on a scratch bank: every schedule, the counts, and the shortest schedule that goes wrong."""

import itertools
import time
from collections.abc import Iterator
from functools import partial

from accounts.errors import BankError
from accounts.explorer.exploration import Exploration, Progress
from accounts.explorer.jobs import Budget, explore_with_jobs
from accounts.explorer.plan import Plan
from accounts.explorer.prepared import prepare
from accounts.explorer.serial import serial_runs
from accounts.explorer.verdicts import badness
from interleavings.engine.scenario import Run
from interleavings.engine.search import Search, sample

LIMIT = 10_000
#: A session that asks for a lock again and again has few schedules in a minute, and long ones.
MAX_STEPS_IN_ALL = 200_000
MAX_JOBS = 16  # each has a connection for each session, and one more; PostgreSQL has a hundred


def explore(
    plan: Plan,
    *,
    prune: bool = True,
    limit: int = LIMIT,
    seed: int = 1,
    jobs: int = 1,
    on_progress: Progress = lambda _exploration: None,
    keep_timelines: bool = False,
) -> Exploration:
    """Run every schedule of the plan; or, if there are more than `limit`, that many, drawn at random from the seed.

    `on_progress` is called after each schedule with what has been found so far, and may raise to end it all.
    With `prune`, of schedules that differ only in the order of steps that do not touch each other one is run, and
    counts for all of them. With more than one of `jobs`, so many processes share the schedules (jobs.py); then
    `on_progress` is told how many were run, and no more.

    Raises BankError if a strategy does what no session may do; nothing is left behind then either.
    """
    if limit < 1:
        raise BankError(f"limit cannot be {limit:,}: choose 1 or more schedules.")
    if not 1 <= jobs <= MAX_JOBS:
        raise BankError(f"jobs cannot be {jobs:,}: choose 1 to {MAX_JOBS} processes.")
    began = time.monotonic()
    blank = partial(Exploration, plan, timelines=[] if keep_timelines else None)
    exploration = None
    if jobs > 1:
        budget = Budget(runs=limit, steps=MAX_STEPS_IN_ALL)
        exploration = explore_with_jobs(blank, jobs=jobs, prune=prune, budget=budget, on_progress=on_progress)
    with prepare(plan) as prepared:
        blank = partial(blank, numbers=prepared.numbers)
        if exploration is None:
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
