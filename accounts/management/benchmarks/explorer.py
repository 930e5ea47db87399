"""How fast the explorer is, beside PostgreSQL's own isolationtester on the same scenario, and on the same server."""

import time
from statistics import median
from typing import Any, NamedTuple

from accounts.explorer.explore import explore
from accounts.explorer.plan import Plan, make_plan
from accounts.management.benchmarks import goals
from accounts.management.benchmarks.isolationtester import audit_steps, run_spec, transfer_steps, write_spec
from accounts.models.opening import opening_balances


class Measure(NamedTuple):
    """Medians over rounds in which all took turns. The ratio is ours to theirs: 1.0 is as fast."""

    transfer_with: str
    audit_with: str
    accounts: int
    jobs: int
    schedules: int
    explorer_per_s: float
    isolationtester_per_s: float
    ratio: float
    goal: str | None


PAIRS = (("row_lock", "no_lock"), ("row_lock", "row_lock"), ("no_transaction", "row_lock"))
#: Of the pair in which no session waits.
GOAL, GOAL_OF_TWO_JOBS = 0.5, 0.9
#: With so many it has 1,365 schedules: starting processes is a small part of it then. It takes long, so: few rounds.
MANY_ACCOUNTS = 10
MOST_ROUNDS = 3
LARGE: dict[str, Any] = {"transfers": "1>2:30,1>2:5", "audits": 2}


def measure_explorer(rounds: int = 5) -> list[Measure]:
    """Schedules per second without pruning, pair by pair, and of the first one with one and two jobs."""
    measures = [one for pair in PAIRS for one in _measure(_plan(*pair), rounds, jobs=[1])]
    return measures + _measure(_plan(*PAIRS[0], accounts=MANY_ACCOUNTS), min(rounds, MOST_ROUNDS), jobs=[1, 2])


def measure_proofs(rounds: int = 3) -> list[dict[str, Any]]:
    """How long a proof takes, with pruning: a small one, and a large one with one and two jobs."""
    small = _plan("row_lock", "no_lock", transfers="1>2:30,2>3:5")
    large = _plan("no_transaction", "no_transaction", **LARGE)
    return [
        *_prove("two transfers and an audit by row_lock and no_lock", small, rounds, jobs=[1]),
        *_prove("two transfers and two audits by no_transaction", large, min(rounds, MOST_ROUNDS), jobs=[1, 2]),
    ]


def _prove(name: str, plan: Plan, rounds: int, *, jobs: list[int]) -> list[dict[str, Any]]:
    rounds_of_all = [[explore(plan, jobs=each) for each in jobs] for _ in range(rounds)]
    return [
        {
            "proof": name,
            "jobs": each,
            "schedules": explorations[0].tally.schedule_count,
            "run": explorations[0].tally.run_count,
            "seconds": median(exploration.duration_s for exploration in explorations),
        }
        for each, explorations in zip(jobs, zip(*rounds_of_all, strict=True), strict=True)
    ]


def _plan(
    transfer_with: str, audit_with: str, *, transfers: str = "1>2:30", audits: int = 1, accounts: int | None = None
) -> Plan:
    return make_plan(
        transfer_with=transfer_with,
        audit_with=audit_with,
        accounts=accounts,
        transfers=transfers,
        audits=audits,
        processes="shared",
    )


def _measure(plan: Plan, rounds: int, *, jobs: list[int]) -> list[Measure]:
    """All run the same schedules: those that the explorer finds."""
    first = explore(plan, prune=False, jobs=max(jobs))
    spec = _spec(plan, first.schedules)
    count = first.tally.schedule_count
    ours: dict[int, list[float]] = {each: [] for each in jobs}
    theirs = []
    for _ in range(rounds):
        for each in jobs:
            ours[each].append(count / explore(plan, prune=False, jobs=each).duration_s)
        began = time.monotonic()
        run_spec(spec)
        theirs.append(count / (time.monotonic() - began))
    return [_compare(plan, each, count, ours[each], theirs) for each in jobs]


def _compare(plan: Plan, jobs: int, count: int, ours: list[float], theirs: list[float]) -> Measure:
    ratio = median(our / their for our, their in zip(ours, theirs, strict=True))
    is_without_waits = (plan.transfer_with, plan.audit_with) == PAIRS[0]
    goal = goals.at_least(GOAL if jobs == 1 else GOAL_OF_TWO_JOBS, ratio) if is_without_waits else None
    return Measure(
        plan.transfer_with, plan.audit_with, plan.account_count, jobs, count, median(ours), median(theirs), ratio, goal
    )


def _spec(plan: Plan, schedules: list[tuple[str, ...]]) -> str:
    sessions = {
        name: audit_steps(plan.audit_with, plan.account_count)
        if order is None
        else transfer_steps(plan.transfer_with, *order)
        for name, order in plan.sessions.items()
    }
    return write_spec(sessions, opening_balances(plan.account_count), schedules)
